//! What will be computed: integers only.
