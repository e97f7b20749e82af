//! The records of an image by the names that users give them.

use bouton_targets::image::{Description, NONE, PopulationDescription, RecordDescription, ValueDescription};

/// The state that a record records; `None` for spikes.
#[must_use]
pub fn state_of<'d>(population: &'d PopulationDescription, record: &RecordDescription) -> Option<&'d ValueDescription> {
    if record.state == NONE { None } else { population.states.get(record.state as usize) }
}

/// The members of a record, ascending.
#[must_use]
pub fn members(population: &PopulationDescription, record: &RecordDescription) -> Vec<u32> {
    if record.members.is_empty() { (0..population.size()).collect() } else { record.members.clone() }
}

/// Number of the record of a variable; of several the one with the most members, then the finest.
#[must_use]
pub fn find(description: &Description, population: &str, variable: &str) -> Option<usize> {
    let rank = |record: &RecordDescription| {
        let p = description.populations.get(record.population as usize).filter(|p| p.name == population)?;
        state_of(p, record).filter(|state| state.name == variable)?;
        Some((members(p, record).len(), std::cmp::Reverse(record.every)))
    };
    let ranked = description.records.iter().enumerate().filter_map(|(at, record)| Some((rank(record)?, at)));
    ranked.max_by_key(|(rank, at)| (*rank, std::cmp::Reverse(*at))).map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_and_finest_record_is_found() {
        let v = ValueDescription { name: "v".into(), unit: "mV".into(), unit_si: 1e-3, frac: 20 };
        let e = PopulationDescription { name: "e".into(), shape: vec![4], states: vec![v], ..Default::default() };
        let record = |state, every, members| RecordDescription { population: 0, state, every, members };
        let records = vec![record(NONE, 1, vec![]), record(0, 1, vec![1, 2]), record(0, 10, vec![]), record(0, 5, vec![])];
        let description = Description { populations: vec![e], records, ..Default::default() };
        assert_eq!(find(&description, "e", "v"), Some(3));
        assert_eq!(find(&description, "e", "u"), None);
        assert_eq!(find(&description, "i", "v"), None);
    }
}
