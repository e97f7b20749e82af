//! What is missing when a circuit does not fit its machine.

use std::fmt;

/// One thing of which there is too little.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shortfall {
    /// What: "cores", "memory of a core …".
    pub what: String,
    /// How much is needed.
    pub needs: u64,
    /// How much there is.
    pub has: u64,
    /// Unit of both, may be empty.
    pub unit: &'static str,
}

/// All that is missing, never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shortfalls(pub Vec<Shortfall>);

impl fmt::Display for Shortfalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|s| s.what.chars().count()).max().unwrap_or(0).max(4);
        writeln!(f, "{:width$}  {:>14}  {:>14}", "what", "needed", "there")?;
        for s in &self.0 {
            writeln!(f, "{:width$}  {:>14}  {:>14}  {}", s.what, s.needs, s.has, s.unit)?;
        }
        Ok(())
    }
}
