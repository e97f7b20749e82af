//! The library's files, part of the compiler.

/// The file of sources: every file sees it without an import.
pub(super) const SOURCES: &str = "std.sources";

const FILES: &[(&str, &str)] = &[
    ("std.graded", include_str!("../../library/graded.circuit")),
    ("std.neurons", include_str!("../../library/neurons.circuit")),
    (SOURCES, include_str!("../../library/sources.circuit")),
    ("std.spynnaker", include_str!("../../library/spynnaker.circuit")),
];

/// Names of the files, as imported.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The text of a file.
pub(super) fn text(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// The file that defines a neuron or function called `name`.
pub(super) fn who_defines(name: &str) -> Option<&'static str> {
    let defines = |text: &str| {
        text.lines().any(|line| {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            matches!(words.next(), Some("neuron" | "fn" | "circuit" | "let")) && words.next() == Some(name)
        })
    };
    FILES.iter().find(|(_, text)| defines(text)).map(|(file, _)| *file)
}
