//! The report as one HTML file: no network, no other file but the evidence it links to.
//!
//! Light and dark as the reader's system says. Whatever is told by a plot is told by a table, too; no
//! meaning hangs on colour alone. The template escapes all that comes from outside (names, addresses,
//! the scenario), and a content security policy in the file forbids everything but its own style, its own
//! script (which sorts the table of legs) and the evidence.

mod parts;
mod plots;
mod tables;
mod timeline;

use std::io;
use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::data::Report;
use super::json::write_whole;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      media-src 'self' file:; base-uri 'none'; form-action 'none'";

impl Report {
    /// The report as an HTML page.
    pub fn to_html(&self) -> String {
        page(self).into_string()
    }

    /// Writes [`Report::to_html`] to a file, whole or not at all. Evidence is linked relative to it.
    pub fn write_html(&self, path: &Path) -> io::Result<()> {
        write_whole(path, self.to_html().as_bytes())
    }
}

fn page(report: &Report) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="color-scheme" content="light dark";
                title { (report.verdict().word()) " – load test of " (report.run.server) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (parts::head(report))
                main {
                    (parts::statement(report))
                    (parts::findings(report))
                    (parts::key_figures(report))
                    (parts::limits(report))
                    (tables::delays(report))
                    (plots::section(report))
                    (timeline::section(report))
                    (tables::legs(report))
                    (parts::run(report))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let mut report = sample::faulty();
        report.run.server = format!("http://{}", sample::NASTY);
        report.run.scenario = "</pre><script>alert(1)</script>".to_owned();
        report.run.recordings.push("<img src=x onerror=alert(1)>".to_owned());
        report.invalid_because.push("\"><svg onload=alert(1)>".to_owned());
        report.supervised[1].modes[0].supervisor = sample::NASTY.to_owned();
        report.findings[0].evidence = Some("\" onerror=\"alert(1)".to_owned());
        report.limits[0].expression = "<b>".to_owned();
        let page = report.to_html();
        assert_eq!(page.matches("<script").count(), 1, "its own");
        for markup in ["<img", "<b>", "<svg onload", "src=\"\" onerror"] {
            assert!(!page.contains(markup), "{markup}");
        }
    }

    #[test]
    fn it_needs_nothing_else() {
        let page = sample::faulty().to_html();
        for outside in ["src=\"http", "href=\"http", "url(", "@import", "<link", "<iframe"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("src=\"report-evidence/leak-1.wav\""));
        assert!(page.contains("src=\"report-evidence/crossed%20%231.wav\""));
    }

    #[test]
    fn a_report_without_anything_is_a_page_too() {
        let mut report = sample::clean();
        report.percentiles = Default::default();
        report.mos = None;
        report.legs.clear();
        report.supervised.clear();
        report.seconds.clear();
        report.limits.clear();
        let page = report.to_html();
        assert!(
            page.contains("Passed")
                && !page.contains(">NaN")
                && !page.contains("<svg class=\"plot")
        );
    }

    #[test]
    fn hours_of_many_calls_stay_readable() {
        let mut report = sample::clean();
        let (seconds, legs) = (report.seconds.clone(), report.legs.clone());
        report.seconds = (0..7200)
            .map(|at| super::super::data::Second {
                at_s: f64::from(at),
                ..seconds[at as usize % 90]
            })
            .collect();
        report.legs = (0..6000).map(|i| legs[i % legs.len()].clone()).collect();
        report.supervised = (0..900).map(|i| report.supervised[i % 3].clone()).collect();
        let page = report.to_html();
        assert!(page.len() < 6 << 20, "{} bytes", page.len());
    }

    /// To look at them: `REPORT_SAMPLES=target/samples cargo test -p loadtest --lib samples`.
    #[test]
    fn samples_are_written_as_files() {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = match std::env::var_os("REPORT_SAMPLES") {
            Some(named) => root.join(named),
            None => folder.path().to_owned(),
        };
        for (name, report) in [("clean", sample::clean()), ("faulty", sample::faulty())] {
            let path = folder.join(name);
            report.write_html(&path.with_extension("html")).unwrap();
            report.write_json(&path.with_extension("json")).unwrap();
            let page = std::fs::read_to_string(path.with_extension("html")).unwrap();
            assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
        }
    }
}
