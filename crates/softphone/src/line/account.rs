//! The user's sign-in, shared by all who ask the server. When the server takes it no longer, it is renewed with the
//! password that the user gave at the start; if that is refused, too, the user is told.

use client::api::{Api, Token};
use client::{ClientError, Server};
use tokio::sync::{Mutex, mpsc};
use wire::User;

use super::{LineEvent, advice};

/// Who is signed in, and by what.
pub(super) struct Account {
    username: String,
    password: String,
    tell: mpsc::Sender<LineEvent>,
    signed: Mutex<Signed>,
}

#[derive(Clone)]
struct Signed {
    api: Api,
    /// Counts the sign-ins.
    number: u64,
}

impl Account {
    /// Signs in.
    pub async fn sign_in(
        server: &Server,
        username: &str,
        password: &str,
        tell: mpsc::Sender<LineEvent>,
    ) -> Result<(Self, User), ClientError> {
        let api = Api::new(server)?;
        let login = api.login(username, password).await?;
        let signed = Signed { api: api.with_token(Token::new(login.token)), number: 0 };
        let (username, password) = (username.to_owned(), password.to_owned());
        Ok((Self { username, password, tell, signed: Mutex::new(signed) }, login.user))
    }

    /// The API as the user.
    pub async fn api(&self) -> Api {
        self.signed.lock().await.api.clone()
    }

    /// Asks the server; once more with a new sign-in if it does not take the present one.
    pub async fn ask<T, F: Future<Output = Result<T, ClientError>>>(
        &self,
        question: impl Fn(Api) -> F,
    ) -> Result<T, ClientError> {
        let signed = self.signed.lock().await.clone();
        match question(signed.api).await {
            Err(error) if error.status() == Some(401) => {
                question(self.renew(signed.number).await?).await
            }
            answer => answer,
        }
    }

    /// Signs in anew, unless somebody else has since sign-in `refused`.
    async fn renew(&self, refused: u64) -> Result<Api, ClientError> {
        let mut signed = self.signed.lock().await;
        if signed.number > refused {
            return Ok(signed.api.clone());
        }
        match signed.api.login(&self.username, &self.password).await {
            Ok(login) => {
                let api = signed.api.with_token(Token::new(login.token));
                *signed = Signed { api: api.clone(), number: refused + 1 };
                self.say(LineEvent::SignedIn).await;
                Ok(api)
            }
            Err(error) => {
                if error.status() == Some(401) {
                    let text = format!(
                        "Your sign-in has ended, and a new one failed: {error}{}. Start the softphone again.",
                        advice(&error)
                    );
                    self.say(LineEvent::SignedOut(text)).await;
                }
                Err(error)
            }
        }
    }

    async fn say(&self, event: LineEvent) {
        // Nobody listens any more only when the program ends.
        let _ = self.tell.send(event).await;
    }
}
