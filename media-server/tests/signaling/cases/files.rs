//! Files as people have them, made here: taken as what they are, kept as they came, shown as they were
//! meant, under a name that can hurt nobody; or refused with the true reason.

use client::api::Method;
use serde_json::{Value, json};

use super::{Findings, escaped};
use crate::Server;
use crate::text::{Scene, Writer, problem};

/// Uploads of one person, of which fewer may be unsent at the same time.
const UPLOADS_EACH: usize = 15;
const TEXT: &str = "text/plain; charset=utf-8";
const KIND: Result<&str, &str> = Err("wrong-media-type");

struct Case {
    name: String,
    bytes: Vec<u8>,
    /// The media type, or the problem's type.
    right: Result<&'static str, &'static str>,
    /// The name that it gets, if it is another one.
    called: Option<&'static str>,
    /// A text in another encoding: what it says.
    says: Option<String>,
}

fn case(name: &str, bytes: impl Into<Vec<u8>>, right: Result<&'static str, &'static str>) -> Case {
    Case { name: name.to_owned(), bytes: bytes.into(), right, called: None, says: None }
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x02\0\0\0\x90wS\xde\0\0\0\0IEND\xaeB`\x82");
    bytes
}

/// A box with a brand, as photographs and recordings of phones begin.
fn branded(brand: &str) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftyp".to_vec();
    bytes.extend(brand.as_bytes());
    bytes.extend(b"\0\0\0\0mif1");
    bytes.extend(brand.as_bytes());
    bytes.extend([0; 64]);
    bytes
}

fn encoded(text: &str, charset: &str) -> Vec<u8> {
    encoding_rs::Encoding::for_label(charset.as_bytes()).unwrap().encode(text).0.into_owned()
}

fn utf_16(text: &str, big: bool) -> Vec<u8> {
    let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect()
}

/// F1: lists, logs and notes that begin like something else.
fn lists() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("f01-bm.csv", "BM,Amount\nBM-4711,12.50\n"),
        ("f01-bc.csv", "BC,Postcode\nBC,V5K 0A1\n"),
        ("f01-mz.txt", "MZ Grünwald\nBestellung 4711\n"),
        ("f01-mac.csv", "MAC address;Ort\n00:11:22:33:44:55;Lager\n"),
        ("f01-id3.txt", "ID3 of the order is missing\n"),
        ("f01-ps.txt", "%! see line 4\n"),
        ("f01-sqlite.txt", "SQLite format 3 is what the export says\n"),
        ("f01-lzip.txt", "LZIP-Nr;Menge\n1;2\n"),
        ("f01-cws.csv", "CWS,Zone\n1,2\n"),
        ("f01-fws.csv", "FWS;Filiale West\n"),
        ("f01-cpio.csv", "070701,Müller\n070702,Meier\n"),
        ("f01-dsd.txt", "DSD is our shop in Dresden\n"),
        ("f01-gif.txt", "GIF or PNG? Which of them shall I send?\n"),
        ("f01-gif89a.txt", "GIF89a is what the file begins with\n"),
        ("f01-webp.txt", "ORDER-42WEBP is the number on the label\n"),
        ("f01-riff.txt", "RIFF no.WAVE machines, two\n"),
        ("f01-7z.txt", "7z is what it is packed with\n"),
        ("f01-pk.txt", "PK Nürnberg, Aktenzeichen 12\n"),
        ("f01-rar.txt", "Rar! is no word\n"),
        ("f01-ftyp.txt", "see ftypheic of the photo\n"),
        ("f01-ogg.txt", "OggS, fLaC and RIFF: which one?\n"),
        ("f01-bz.csv", "BZh;Bezirk\n1;2\n"),
        ("f01-vcard.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:Jane Example\nEND:VCARD\n"),
        ("f01-ics.ics", "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n"),
        ("f01-eml.eml", "Received: from a.example\nSubject: Order\n\nHello\n"),
        ("f01-json.json", "{\"order\": 4711}\n"),
        ("f01-control.csv", "Name;Betrag\nGrößer;5\n"),
        ("f03-utf-8-bom.csv", "\u{feff}Name;Größe\r\nA;1\r\n"),
        ("f04-colours.log", "10:15:00 \x1b[31mERROR\x1b[0m line dropped\n"),
        ("f04-form-feed.txt", "page 1\n\x0cpage 2\n"),
        ("f04-bell.txt", "done\x07\n"),
        ("f04-ctrl-z.txt", "an old DOS text\r\n\x1a"),
        ("f08-pdf-inside.txt", "Please look at the file that begins with\n%PDF-1.7\nwhat is it?\n"),
        ("f10-one-byte.txt", "1"),
        ("f10-only-bom.txt", "\u{feff}"),
    ]
    .into_iter()
    .map(|(name, text)| case(name, text, Ok(TEXT)))
    .collect();
    for (offset, magic) in [(128, "DICM"), (257, "ustar"), (60, "BOOKMOBI")] {
        let text = format!("{}{magic} stands there", "x".repeat(offset));
        cases.push(case(&format!("f01-{magic}.txt"), text, Ok(TEXT)));
    }
    cases
}

/// F2, F7, F8, F10: pictures, documents, and what is neither.
fn others() -> Vec<Case> {
    let pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    let mut bom_pdf = b"\xef\xbb\xbf".to_vec();
    bom_pdf.extend(pdf);
    let mut page = png(1, 1);
    page.extend(b"<html><script>document.title=1</script></html>");
    vec![
        case("good.png", png(1, 1), Ok("image/png")),
        case("f02-photo.heic", branded("heic"), Ok("image/heic")),
        case("f02-burst.HEIF", branded("msf1"), Ok("image/heif")),
        case("f02-photo.avif", branded("avif"), Ok("image/avif")),
        case("f02-voice.m4a", branded("M4A "), KIND),
        case("f02-clip.mov", branded("qt  "), KIND),
        case("f02-voice.ogg", b"OggS\0\x02\0\0\0\0", KIND),
        case("f02-letter.docx", b"PK\x03\x04\x14\0\0\0\0\0", KIND),
        case("f02-scan.tiff", b"II*\0\x08\0\0\0\0\0\0\0\0\0", KIND),
        case("f02-screenshot.bmp", b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0", KIND),
        case("f04-nul.txt", b"a\0b\n", KIND),
        case("f07-program.exe", b"MZ\x90\0\x03\0\0\0", KIND),
        case("f07-png-and-html.png", page, Ok("image/png")),
        case("f08-good.pdf", pdf, Ok("application/pdf")),
        case("f08-bom-before.pdf", bom_pdf, Ok("application/pdf")),
        case("f10-empty.txt", b"", Err("empty-file")),
        case("f10-truncated.png", &png(1, 1)[..20], Err("damaged-file")),
        case("f10-truncated.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0", Err("damaged-file")),
        case("f10-huge-dimensions.png", png(60_000, 60_000), Err("too-large")),
        case("f10-40-megapixels.png", png(8_000, 5_000), Ok("image/png")),
        case("f10-just-too-many.png", png(8_001, 5_000), Err("too-large")),
        case("f09-10485761.txt", vec![b' '; 10_485_761], Err("too-large")),
    ]
}

/// F3: lists in the encodings of spreadsheets and old systems.
fn encodings() -> Vec<Case> {
    let german = "Name;Straße;Preis\r\nJürgen Muster;Größenweg 1;5 €\r\n";
    let japanese = "氏名,住所\r\n見本 花子,東京都千代田区\r\n";
    let chinese = "订单编号 4711，请尽快发货，谢谢\n";
    let text = |name: &str, bytes: Vec<u8>, media_type, says: &str| Case {
        says: Some(says.to_owned()),
        ..case(name, bytes, Ok(media_type))
    };
    vec![
        text("f03-utf-16-le.csv", utf_16(german, false), "text/plain; charset=utf-16le", german),
        text("f03-utf-16-be.txt", utf_16(japanese, true), "text/plain; charset=utf-16be", japanese),
        text(
            "f03-shift-jis.csv",
            encoded(japanese, "shift_jis"),
            "text/plain; charset=shift_jis",
            japanese,
        ),
        text("f03-euc-jp.csv", encoded(japanese, "euc-jp"), "text/plain; charset=euc-jp", japanese),
        text(
            "f03-windows-1252.csv",
            encoded(german, "windows-1252"),
            "text/plain; charset=windows-1252",
            german,
        ),
        text("f03-gbk.txt", encoded(chinese, "gbk"), "text/plain; charset=gbk", chinese),
        case("f03-utf-16-binary.csv", b"\xff\xfe\0\0\x01\0\0\0", KIND),
    ]
}

/// F5 to F7, F10: names.
fn names() -> Vec<Case> {
    let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦".repeat(20);
    let long = "x".repeat(117);
    [
        (format!("{long}.jpeg"), None),
        (format!("{}12.pdf", "請求書".repeat(39)), None),
        (format!("{family}.png"), None),
        ("invoice_\u{202e}gnp.exe".to_owned(), Some("invoice_gnp.exe.png")),
        ("\u{202e}fdp.4711".to_owned(), Some("fdp.4711.png")),
        ("a\u{2066}b\u{2069}.png".to_owned(), Some("ab.png")),
        ("a\u{200b}.png".to_owned(), Some("a.png")),
        ("\u{ad}soft.png".to_owned(), Some("soft.png")),
        ("..\\..\\windows\\system.ini".to_owned(), Some("system.ini.png")),
        ("../../etc/passwd".to_owned(), Some("passwd.png")),
        ("....//....//x".to_owned(), Some("x.png")),
        ("%2e%2e%2fpasswd".to_owned(), Some("%2e%2e%2fpasswd.png")),
        ("CON.png".to_owned(), Some("_CON.png")),
        ("nul".to_owned(), Some("_nul.png")),
        ("report.png. . .".to_owned(), Some("report.png")),
        (" . ".to_owned(), Some("attachment.png")),
        (".htaccess".to_owned(), Some("htaccess.png")),
        ("a\nb.png".to_owned(), Some("ab.png")),
        ("a;b=c.png".to_owned(), Some("a;b=c.png")),
        ("a\"b\".png".to_owned(), Some("ab.png")),
        ("nai\u{308}ve.png".to_owned(), Some("naïve.png")),
        ("ملف.png".to_owned(), Some("ملف.png")),
        ("קובץ (1).png".to_owned(), Some("קובץ (1).png")),
        ("page.html".to_owned(), Some("page.html.png")),
        ("mail.lnk".to_owned(), Some("mail.lnk.png")),
        ("invoice.pdf.exe".to_owned(), Some("invoice.pdf.exe.png")),
        ("ﾌｧｲﾙ.png".to_owned(), Some("ﾌｧｲﾙ.png")),
        (String::new(), Some("attachment.png")),
        ("#?&=+ .png".to_owned(), Some("#&=+.png")),
        ("😀.png".to_owned(), Some("😀.png")),
        ("a\u{2028}b\u{85}.png".to_owned(), Some("ab.png")),
    ]
    .into_iter()
    .map(|(name, called)| Case { called, ..case(&name, png(1, 1), Ok("image/png")) })
    .collect()
}

async fn fetched(writer: &Writer, path: &str) -> (String, Vec<u8>) {
    let answer = writer.api().request(Method::GET, path).send().await.unwrap();
    let media_type = answer.headers()["Content-Type"].to_str().unwrap().to_owned();
    (media_type, answer.bytes().await.unwrap().to_vec())
}

async fn check(findings: &mut Findings, writer: &Writer, id: &str, case: Case) {
    let path = format!("/conversations/{id}/attachments");
    let label = format!("{:?}", case.name.chars().take(40).collect::<String>());
    let request =
        writer.api().request(Method::POST, &format!("{path}?name={}", escaped(&case.name)));
    let answer = request.body(case.bytes.clone()).send().await.unwrap();
    let (status, body): (u16, Value) = (answer.status().as_u16(), answer.json().await.unwrap());
    if status != 201 {
        let refused = problem((status, body)).1;
        findings.check(&label, "the answer", Err(refused.as_str()), case.right);
        return;
    }
    let media_type = body["media_type"].as_str().unwrap();
    findings.check(&label, "the answer", Ok(media_type), case.right);
    let name = body["name"].as_str().unwrap();
    findings.check(
        &label,
        "a name that fits",
        name.len() <= 255 && name.chars().count() <= 120,
        true,
    );
    findings.check(&label, "a half letter at its end", name.contains("\u{200d}."), false);
    let ending = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    match case.called {
        Some(called) => findings.check(&label, "the name", name, called),
        None if case.name.len() <= 100 => findings.check(&label, "the name", name, &case.name),
        None => findings.check(&label, "the ending", ending(name), "png".to_owned()),
    }
    let own = format!("{path}/{}", body["id"].as_str().unwrap());
    let (given_as, bytes) = fetched(writer, &own).await;
    findings.check(&label, "the type that it is given out as", given_as.as_str(), media_type);
    findings.check(&label, "kept as it came", bytes == case.bytes, true);
    if let Some(says) = case.says {
        let (given_as, bytes) = fetched(writer, &format!("{own}?charset=utf-8")).await;
        findings.check(&label, "the type that it is shown as", given_as.as_str(), TEXT);
        findings.check(&label, "what is shown", String::from_utf8(bytes), Ok(says));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_taken_for_what_they_are() {
    let server = Server::start().await;
    let mut findings = Findings::default();
    let mut cases = Vec::new();
    for some in [lists(), others(), encodings(), names()] {
        cases.extend(some);
    }
    let Scene { mut agent, id, requester } = Scene::new(&server).await;
    let (mut writer, mut id) = (requester, id);
    for (number, case) in cases.into_iter().enumerate() {
        if number > 0 && number % UPLOADS_EACH == 0 {
            agent.ask(Method::POST, &format!("/conversations/{id}/end"), None).await;
            writer = Writer::guest(&server, "Daniel Ortiz").await;
            id = writer.open("support").await.id;
            agent.take(&id).await;
        }
        check(&mut findings, &writer, &id, case).await;
    }
    findings.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_stay_in_the_order_in_which_they_were_put() {
    let server = Server::start().await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let path = format!("/conversations/{id}");
    let mut uploaded = Vec::new();
    for number in 0..8 {
        let upload = format!("{path}/attachments?name={number}.txt");
        let request = requester.api().request(Method::POST, &upload).body(vec![b'x']);
        let upload: Value = request.send().await.unwrap().json().await.unwrap();
        uploaded.push(upload["id"].as_str().unwrap().to_owned());
    }
    let wanted = [5, 0, 7, 2, 1, 6, 3, 4];
    let ids: Vec<&String> = wanted.iter().map(|number| &uploaded[*number]).collect();
    let body = json!({"text": "", "visibility": "public", "client_id": "a", "attachments": ids});
    assert_eq!(requester.ask(Method::POST, &format!("{path}/messages"), Some(body)).await.0, 201);
    let right: Vec<String> = wanted.iter().map(|number| format!("{number}.txt")).collect();
    for reader in [&requester, &agent] {
        let page = reader.messages(&id).await;
        let names: Vec<String> =
            page.messages[0].attachments.iter().map(|file| file.name.clone()).collect();
        assert_eq!(names, right);
    }
}
