//! Circuit to integers.
