//! How large a picture is once it is shown: a small file may be a huge one.

use std::path::Path;

use crate::Error;

/// Pixels of a picture: width times height. More would take hundreds of megabytes of a browser tab
/// that may carry a call.
pub const PICTURE_PIXELS_MAX: u64 = 40_000_000;

/// Refuses a picture that is too large to be shown. Only its header is read.
///
/// # Errors
/// [`Error::PictureTooLarge`]; [`Error::UnknownType`] if it says no size, so that it is no picture.
pub async fn check(path: &Path, media_type: &'static str) -> Result<(), Error> {
    if !media_type.starts_with("image/") {
        return Ok(());
    }
    let path = path.to_owned();
    let size = tokio::task::spawn_blocking(move || imagesize::size(path)).await;
    let size = size.map_err(|_| Error::UnknownType)?.map_err(|_| Error::UnknownType)?;
    let pixels = (size.width as u64).saturating_mul(size.height as u64);
    if pixels > PICTURE_PIXELS_MAX { Err(Error::PictureTooLarge) } else { Ok(()) }
}
