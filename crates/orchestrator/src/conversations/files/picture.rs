//! How large a picture is once it is shown: a small file may be a huge one.

use std::path::Path;

use super::error::ContentError;

/// Pixels of a picture: width times height. More would take hundreds of megabytes of a browser tab
/// that may carry a call.
pub const PICTURE_PIXELS_MAX: u64 = 40_000_000;
/// What the pages show. Other pictures are downloads, and nothing decodes them here.
const SHOWN: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Refuses a picture that is too large to be shown, or that is none. Only its header is read.
///
/// # Errors
/// [`ContentError::PictureTooLarge`]; [`ContentError::DamagedPicture`] if it does not say its size.
pub fn check(path: &Path, media_type: &str) -> Result<(), ContentError> {
    if !SHOWN.contains(&media_type) {
        return Ok(());
    }
    let size = imagesize::size(path).map_err(|_| ContentError::DamagedPicture)?;
    let pixels = (size.width as u64).saturating_mul(size.height as u64);
    if pixels > PICTURE_PIXELS_MAX { Err(ContentError::PictureTooLarge) } else { Ok(()) }
}
