//! Makes sure that there are pages to embed: a placeholder says so where none have been built.

use std::path::Path;

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
<title>Sotto</title><h1>The pages are not built</h1>\
<p>Run <code>make build</code>, or <code>npm run build</code> in <code>supervisor-ui</code>. \
The API is there: <a href=\"/api/docs\">/api/docs</a>.</p></html>\n";

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../supervisor-ui/dist");
    let index = dist.join("index.html");
    if !index.exists() {
        let written =
            std::fs::create_dir_all(&dist).and_then(|()| std::fs::write(&index, PLACEHOLDER));
        if let Err(error) = written {
            println!("cargo:warning=no placeholder for the pages: {error}");
        }
    }
    // Files that come or go are seen only by this script; those that change, by rust-embed too.
    println!("cargo:rerun-if-changed=../../supervisor-ui/dist");
}
