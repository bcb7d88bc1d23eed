//! How the centre presents itself to who calls and writes.

use axum::extract::State;
use axum::http::Uri;
use orchestrator::settings::{self, BRAND, Settings};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AuditKind, Brand, BrandView};

use super::{Author, Subject, check, refused, stale};
use crate::Signed;
use crate::{AppState, Json, Problem, whole};

const NAME_CHARS_MAX: usize = 40;
const URL_CHARS_MAX: usize = 500;
const MESSAGE_CHARS_MAX: usize = 300;
/// Of white text on a colour (WCAG 2.2, 1.4.3).
const CONTRAST_MIN: f64 = 4.5;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, set))
}

/// How the centre presents itself to who calls and writes.
#[utoipa::path(get, path = "/admin/brand", tag = "administration",
    responses((status = 200, description = "The choices.", body = BrandView)))]
async fn read(State(state): State<AppState>, signed: Signed) -> Result<Json<BrandView>, Problem> {
    Author::of(&signed)?;
    Ok(Json(view(&state.settings)))
}

/// Replaces how the centre presents itself. Pages that are open show it when they are loaded again.
#[utoipa::path(put, path = "/admin/brand", tag = "administration", request_body = BrandView,
    responses(
        (status = 200, description = "The choices.", body = BrandView),
        (status = 409, description = "Somebody else has changed it since you read it.", body = wire::Problem),
    ))]
async fn set(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<BrandView>,
) -> Result<Json<BrandView>, Problem> {
    let author = Author::of(&signed)?;
    let BrandView { brand, revision } = request;
    let brand = checked(&brand)?;
    let before = view(&state.settings);
    if revision != before.revision {
        return Err(stale("page"));
    }
    if shown(&brand) == before.brand {
        return Ok(Json(before));
    }
    let set = whole(async move {
        let after = serde_json::to_value(&brand).map_err(Problem::internal)?;
        let value = after.to_string();
        let act = author.act(Subject {
            kind: AuditKind::Brand,
            name: String::new(),
            before: Some(serde_json::to_value(&before.brand).map_err(Problem::internal)?),
            after: Some(after),
        });
        let set = state.store.set_centre_setting(BRAND, revision, &value, &act).await;
        set.map_err(|error| refused(error, "page"))?;
        state.settings.reload().await?;
        Ok::<_, Problem>(view(&state.settings))
    });
    Ok(Json(set.await?))
}

fn view(settings: &Settings) -> BrandView {
    let now = settings.snapshot();
    BrandView { brand: shown(&now.brand), revision: now.brand_revision }
}

/// The brand in the API's words.
pub(crate) fn shown(brand: &settings::Brand) -> Brand {
    let settings::Brand { name, accent, privacy_url, closed_message } = brand.clone();
    Brand { name, accent, privacy_url, closed_message }
}

fn checked(brand: &Brand) -> Result<settings::Brand, Problem> {
    let accent = brand.accent.trim().to_ascii_lowercase();
    let is_readable =
        |colour: &str| contrast_with_white(colour).is_some_and(|it| it >= CONTRAST_MIN);
    if !accent.is_empty() && !is_readable(&accent) {
        let allowed = "empty, or a colour as #0a5c8f on which white is readable (contrast 4.5 at least): a darker one";
        return Err(check::bad("accent", allowed));
    }
    let privacy_url = line("privacy_url", &brand.privacy_url, URL_CHARS_MAX)?;
    if !privacy_url.is_empty() && !is_https(&privacy_url) {
        return Err(check::bad("privacy_url", "empty, or an address that begins with https://"));
    }
    Ok(settings::Brand {
        name: line("name", &brand.name, NAME_CHARS_MAX)?,
        accent,
        privacy_url,
        closed_message: line("closed_message", &brand.closed_message, MESSAGE_CHARS_MAX)?,
    })
}

/// A line that may be empty.
fn line(field: &str, text: &str, chars_max: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() <= chars_max && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(check::bad(field, &format!("up to {chars_max} printable characters, in one line")))
}

fn is_https(address: &str) -> bool {
    let uri: Option<Uri> = address.parse().ok();
    uri.is_some_and(|uri| {
        uri.scheme_str() == Some("https") && uri.host().is_some_and(|it| !it.is_empty())
    })
}

/// The contrast of white on a colour `#rrggbb`, 1 to 21 (WCAG 2.2, "contrast ratio"); `None`: it is no colour.
fn contrast_with_white(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#').filter(|it| it.len() == 6 && it.is_ascii())?;
    let part = |at: usize| {
        u8::from_str_radix(&digits[at..at + 2], 16).ok().filter(|_| !digits.contains('+'))
    };
    let [red, green, blue] = [part(0)?, part(2)?, part(4)?].map(linear);
    let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(1.05 / (luminance + 0.05))
}

fn linear(channel: u8) -> f64 {
    let share = f64::from(channel) / 255.0;
    if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_taken_if_white_can_be_read_on_it() {
        // #767676 is the lightest grey of WCAG's.
        for readable in ["#000000", "#0a5c8f", "#767676", "#b42318"] {
            assert!(contrast_with_white(readable).unwrap() >= CONTRAST_MIN, "{readable}");
        }
        for pale in ["#ffffff", "#777777", "#ffd60a"] {
            assert!(contrast_with_white(pale).unwrap() < CONTRAST_MIN, "{pale}");
        }
        for odd in ["", "red", "#fff", "#12345", "#+1+2+3", "#ééé", "0a5c8f#"] {
            assert_eq!(contrast_with_white(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let brand = |name: &str, accent: &str, privacy_url: &str| Brand {
            name: name.to_owned(),
            accent: accent.to_owned(),
            privacy_url: privacy_url.to_owned(),
            closed_message: String::new(),
        };
        let taken =
            checked(&brand(" Acme ", "#0A5C8F", "https://example.com/privacy?a=b")).unwrap();
        assert_eq!((&*taken.name, &*taken.accent), ("Acme", "#0a5c8f"));
        assert!(checked(&Brand::default()).is_ok());
        let long = "x".repeat(NAME_CHARS_MAX + 1);
        for (odd, field) in [
            (brand(&long, "", ""), "`name`"),
            (brand("a\nb", "", ""), "`name`"),
            (brand("", "#ffff00", ""), "`accent`"),
            (brand("", "", "http://example.com/"), "`privacy_url`"),
            (brand("", "", "javascript:alert(1)"), "`privacy_url`"),
            (brand("", "", "https:///x"), "`privacy_url`"),
            (brand("", "", "https://exa mple.com"), "`privacy_url`"),
        ] {
            assert!(checked(&odd).unwrap_err().detail().contains(field), "{odd:?}");
        }
    }
}
