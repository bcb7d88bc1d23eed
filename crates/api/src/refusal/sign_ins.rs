//! Why somebody is not signed in, not let in, or may not act any more, in HTTP's terms.

use accounts::{Error, NAME_CHARS_MAX, NotCurrent};

use crate::{Kind, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::WrongCredentials => Self::new(
                Kind::WrongCredentials,
                "The username or the password is wrong. Check both and try again.",
            ),
            Error::TooManyAttempts { retry_after } => {
                let seconds = retry_after.as_secs() + 1;
                let detail =
                    format!("Too many sign-ins from where you are. Try again in {seconds} s.");
                Self::new(Kind::TooManyAttempts, detail).retry_after_s(seconds)
            }
            Error::TooManyGuests => Self::new(
                Kind::Overloaded,
                "There are too many guests at the moment. Try again in a minute.",
            )
            .retry_after_s(60),
            Error::SignInsBusy => Self::new(
                Kind::Overloaded,
                "Too many people sign in at this moment. Try again in a few seconds.",
            )
            .retry_after_s(3),
            Error::ClientHasGuests { retry_after } => Self::new(
                Kind::TooManyAttempts,
                "Too many guests come from where you are. Try again later.",
            )
            .retry_after_s(retry_after.as_secs() + 1),
            Error::BadName => Self::new(
                Kind::BadInput,
                format!("`name` must have 1 to {NAME_CHARS_MAX} printable characters."),
            ),
            Error::SignInEnded => NotCurrent::SignInEnded.into(),
            Error::NotCurrent(why) => why.into(),
            Error::SignOutNotKept(outage) => Self::new(
                Kind::SignOutNotKept,
                format!(
                    "You are signed out. It could not be written down yet, because {outage}, which \
                     is tried again until it is; if the server restarts before that, sign out once \
                     more."
                ),
            )
            .retry_after_s(5),
            Error::Store(error) => error.into(),
        }
    }
}

impl From<NotCurrent> for Problem {
    fn from(why: NotCurrent) -> Self {
        match why {
            NotCurrent::SignInEnded => Self::new(
                Kind::NotSignedIn,
                "The sign-in is not valid, or has ended. Sign in again.",
            ),
            NotCurrent::RightsChanged => Self::new(
                Kind::RightsChanged,
                "Your rights are being changed, so nothing was done. Try again in a moment.",
            )
            .retry_after_s(1),
        }
    }
}
