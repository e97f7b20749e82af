//! Values of options: times with units, traces, settings.

use std::path::PathBuf;
use std::str::FromStr;

/// How far a time may be from a whole number of ticks, in ticks: decimals of a time are not exact in binary.
const WHOLE: f64 = 1e-6;

/// A time in seconds, written with its unit: `1s`, `100 ms`, `50us`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Time {
    /// Seconds, more than zero.
    pub seconds: f64,
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let unit_at = text.find(|c: char| c.is_alphabetic() && c != 'e' && c != 'E').unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let unit_s = match unit.trim() {
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "min" => 60.0,
            "h" => 3600.0,
            "" => return Err("a time needs a unit: 1s, 100ms, 50us".to_string()),
            other => return Err(format!("`{other}` is not a unit of time: use h, min, s, ms or us")),
        };
        let number: f64 = number.trim().parse().map_err(|_| format!("`{}` is not a number", number.trim()))?;
        let seconds = number * unit_s;
        if seconds.is_finite() && seconds > 0.0 { Ok(Time { seconds }) } else { Err("a time must be more than zero".to_string()) }
    }
}

impl Time {
    /// The time in ticks.
    ///
    /// # Errors
    /// When it is not a whole number of them, or more than there can be.
    pub fn ticks(self, tick_s: f64) -> Result<u32, String> {
        let ticks = self.seconds / tick_s;
        let whole = ticks.round();
        if (ticks - whole).abs() > WHOLE.max(whole * 1e-12) || whole < 1.0 {
            return Err(format!("--time {} s is not a whole number of ticks of {} ms", self.seconds, tick_s * 1e3));
        }
        if whole > f64::from(u32::MAX) {
            return Err(format!("--time {} s is more than {} ticks of {} ms", self.seconds, u32::MAX, tick_s * 1e3));
        }
        Ok(whole as u32)
    }
}

/// A variable to write to a file: `POP.VAR=out.csv`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceRequest {
    /// Path of the population.
    pub population: String,
    /// Name of the state.
    pub variable: String,
    /// Where to.
    pub path: PathBuf,
}

impl FromStr for TraceRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "expected POPULATION.VARIABLE=FILE, as in e.v=v.csv";
        let (what, path) = text.split_once('=').ok_or(FORM)?;
        let (population, variable) = what.rsplit_once('.').ok_or(FORM)?;
        let [population, variable, path] = [population.trim(), variable.trim(), path.trim()];
        if population.is_empty() || variable.is_empty() || path.is_empty() {
            return Err(FORM.to_string());
        }
        Ok(TraceRequest { population: population.into(), variable: variable.into(), path: path.into() })
    }
}

/// A parameter of the top circuit: `name=value`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value, an expression of the circuit language.
    pub value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, as in n=4000 or w='0.4 nA'")?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || value.is_empty() {
            return Err("expected NAME=VALUE, as in n=4000 or w='0.4 nA'".to_string());
        }
        Ok(Setting { name: name.to_string(), value: value.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn seconds(text: &str) -> f64 {
        text.parse::<Time>().expect("it is a time").seconds
    }

    #[test]
    fn times_have_units() {
        assert_eq!([seconds("1s"), seconds("100ms"), seconds(" 2.5 min ")], [1.0, 0.1, 150.0]);
        assert_eq!([seconds("1e3ms"), seconds("50us"), seconds("50 µs")], [1.0, 50.0 * 1e-6, 50.0 * 1e-6]);
    }

    #[test]
    fn wrong_times_say_what_is_wrong() {
        for (text, says) in
            [("1", "needs a unit"), ("1 parsec", "not a unit"), ("1..2 s", "not a number"), ("-1s", "more than zero")]
        {
            let error = text.parse::<Time>().expect_err("it is wrong");
            assert!(error.contains(says), "{text}: {error}");
        }
        assert!("infs".parse::<Time>().is_err() && "nans".parse::<Time>().is_err() && "".parse::<Time>().is_err());
    }

    #[test]
    fn ticks_are_whole() {
        let ticks = |text: &str, tick_s| text.parse::<Time>().expect("it is a time").ticks(tick_s);
        assert_eq!(ticks("1s", 1e-4), Ok(10_000));
        assert_eq!(ticks("0.3ms", 1e-4), Ok(3));
        assert!(ticks("0.25ms", 1e-4).is_err());
        assert!(ticks("0.01ms", 1e-4).is_err());
        assert!(ticks("1000h", 1e-4).is_err());
    }

    #[test]
    fn traces_name_population_variable_and_file() {
        let trace: TraceRequest = "segment[0].left.v=out/v=1.csv".parse().expect("it is a trace");
        assert_eq!((trace.population.as_str(), trace.variable.as_str()), ("segment[0].left", "v"));
        assert_eq!(trace.path, PathBuf::from("out/v=1.csv"));
        for wrong in ["e.v", "v=out.csv", ".v=out.csv", "e.=x", "e.v="] {
            assert!(wrong.parse::<TraceRequest>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn settings_keep_their_units() {
        let setting: Setting = "w = 0.4 nA".parse().expect("it is a setting");
        assert_eq!((setting.name.as_str(), setting.value.as_str()), ("w", "0.4 nA"));
        assert!("w".parse::<Setting>().is_err() && "=1".parse::<Setting>().is_err());
    }
}
