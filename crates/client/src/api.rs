//! The REST API, typed: one method a call, messages from `wire`.
//!
//! Commands carry a fresh `Idempotency-Key`. Nothing is retried here.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use reqwest::{Client, RequestBuilder, Response};

pub use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_rustls::rustls::ClientConfig;
use wire::{
    API_ROOT, AttachStation, CallList, CallView, ConferenceRequest, ConsultationAction,
    ConsultationUpdate, ConversationView, DestinationList, GuestQueue, GuestRequest, HandoverView,
    HelpRequest, LegState, LegUpdate, LoginRequest, LoginResponse, MessageReceipt, OfferAnswer,
    OpenConversation, PROBLEM_CONTENT_TYPE, PlaceCall, PostMessage, PresenceChoice,
    PresenceRequest, QueueList, TransferRequest, TypingRequest, User,
};

use crate::{ClientError, Server};

/// A server that hasn't answered by then is as good as gone.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// Time to open the TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How much of an unexpected body goes into the error.
const BODY_EXCERPT_CHARS: usize = 200;

type Result<T, E = ClientError> = std::result::Result<T, E>;

/// A bearer token. It doesn't show in logs.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Wraps a token, be it one from the server or a forged one in a test.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The value of the `Authorization` header.
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The answer to a station's offer.
#[derive(Debug, Clone)]
pub struct StationAnswer {
    /// The station's id, the last part of its `Location`.
    pub id: String,
    /// The SDP answer.
    pub sdp: String,
}

/// The API of one server, as one user. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    server: String,
    tls: Option<Arc<ClientConfig>>,
    token: Option<Token>,
}

impl Api {
    /// The API at `server` (`https://voice.example`), nobody signed in.
    pub fn new(server: impl Into<Server>) -> Result<Self> {
        let server = server.into();
        let tls = server.tls()?;
        let builder = Client::builder().timeout(REQUEST_TIMEOUT).connect_timeout(CONNECT_TIMEOUT);
        let builder = match &tls {
            Some(tls) => builder.tls_backend_preconfigured(ClientConfig::clone(tls)),
            None => builder,
        };
        let (http, server) = (builder.build()?, server.url().to_owned());
        Ok(Self { http, server, tls, token: None })
    }

    /// The same server with a token.
    pub fn with_token(&self, token: Token) -> Self {
        Self { token: Some(token), ..self.clone() }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// How TLS is spoken with the server; `None`: it is not.
    pub(crate) fn tls(&self) -> Option<&Arc<ClientConfig>> {
        self.tls.as_ref()
    }

    /// The token that requests are made with.
    pub fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// A request to `path` below `/api/v1`, with the token: for what has no method here, and for
    /// tests with bad input.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{API_ROOT}{path}", self.server));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.header()),
            None => request,
        }
    }

    /// `POST /login`.
    pub async fn login(&self, username: &str, password: &str) -> Result<LoginResponse> {
        let body = LoginRequest { username: username.to_owned(), password: password.to_owned() };
        json(self.command(Method::POST, "/login", &body)).await
    }

    /// `POST /logout`: the token ends.
    pub async fn logout(&self) -> Result<()> {
        done(keyed(self.request(Method::POST, "/logout"))).await
    }

    /// `POST /guests`: a caller's token.
    pub async fn guest(&self, name: &str) -> Result<LoginResponse> {
        let body = GuestRequest { name: name.to_owned() };
        json(self.command(Method::POST, "/guests", &body)).await
    }

    /// `GET /me`.
    pub async fn me(&self) -> Result<User> {
        json(self.request(Method::GET, "/me")).await
    }

    /// `GET /queues`: those open to guests.
    pub async fn queues(&self) -> Result<Vec<GuestQueue>> {
        let list: QueueList = json(self.request(Method::GET, "/queues")).await?;
        Ok(list.queues)
    }

    /// `PUT /me/presence`.
    pub async fn set_presence(&self, state: PresenceChoice, reason: Option<&str>) -> Result<()> {
        let body = PresenceRequest { state, reason: reason.map(str::to_owned) };
        done(self.command(Method::PUT, "/me/presence", &body)).await
    }

    /// `POST /stations`: SDP offer in, SDP answer out (the HTTP shape of WHIP, RFC 9725).
    pub async fn create_station(&self, offer_sdp: &str) -> Result<StationAnswer> {
        let request = self
            .request(Method::POST, "/stations")
            .header(CONTENT_TYPE, "application/sdp")
            .body(offer_sdp.to_owned());
        let response = checked(request).await?;
        let id = response
            .headers()
            .get(LOCATION)
            .and_then(|location| location.to_str().ok())
            .and_then(|location| location.rsplit('/').next())
            .unwrap_or_default()
            .to_owned();
        if id.is_empty() {
            return Err(unexpected(response).await);
        }
        let sdp = response.text().await?;
        Ok(StationAnswer { id, sdp })
    }

    /// `PATCH /stations/{id}`: an SDP fragment (RFC 8840) with new ICE credentials or candidates;
    /// the server's fragment comes back, or nothing.
    pub async fn patch_station(&self, station: &str, fragment: &str) -> Result<String> {
        let request = self
            .request(Method::PATCH, &format!("/stations/{station}"))
            .header(CONTENT_TYPE, "application/trickle-ice-sdpfrag")
            .body(fragment.to_owned());
        Ok(checked(request).await?.text().await?)
    }

    /// `DELETE /stations/{id}`.
    pub async fn delete_station(&self, station: &str) -> Result<()> {
        done(self.request(Method::DELETE, &format!("/stations/{station}"))).await
    }

    /// `GET /calls`: those that this user may see.
    pub async fn calls(&self) -> Result<Vec<CallView>> {
        let list: CallList = json(self.request(Method::GET, "/calls")).await?;
        Ok(list.calls)
    }

    /// `GET /calls/{id}`.
    pub async fn call(&self, call: &str) -> Result<CallView> {
        json(self.request(Method::GET, &format!("/calls/{call}"))).await
    }

    /// `POST /calls`.
    pub async fn place_call(&self, call: &PlaceCall) -> Result<CallView> {
        json(self.command(Method::POST, "/calls", call)).await
    }

    /// `POST /calls/{id}/answer`.
    pub async fn answer(&self, call: &str, station: &str) -> Result<()> {
        let path = format!("/calls/{call}/answer");
        done(self.command(Method::POST, &path, &attach(station))).await
    }

    /// `POST /calls/{id}/decline`.
    pub async fn decline(&self, call: &str) -> Result<()> {
        self.order(call, "decline").await
    }

    /// `POST /calls/{id}/hangup`.
    pub async fn hang_up(&self, call: &str) -> Result<()> {
        self.order(call, "hangup").await
    }

    /// `POST /calls/{id}/hold`.
    pub async fn hold(&self, call: &str) -> Result<()> {
        self.order(call, "hold").await
    }

    /// `POST /calls/{id}/resume`.
    pub async fn resume(&self, call: &str) -> Result<()> {
        self.order(call, "resume").await
    }

    /// `POST /calls/{id}/help`.
    pub async fn help(&self, call: &str, help: &HelpRequest) -> Result<()> {
        done(self.command(Method::POST, &format!("/calls/{call}/help"), help)).await
    }

    /// `POST /calls/{id}/transfer`: blind, or a consultation first.
    pub async fn transfer(&self, call: &str, to: &TransferRequest) -> Result<HandoverView> {
        json(self.command(Method::POST, &format!("/calls/{call}/transfer"), to)).await
    }

    /// `POST /calls/{id}/conference`: asks another agent to join.
    pub async fn conference(&self, call: &str, to: &ConferenceRequest) -> Result<HandoverView> {
        json(self.command(Method::POST, &format!("/calls/{call}/conference"), to)).await
    }

    /// `PUT /calls/{id}/consultation`: what becomes of it.
    pub async fn consultation(&self, call: &str, action: ConsultationAction) -> Result<()> {
        let path = format!("/calls/{call}/consultation");
        done(self.command(Method::PUT, &path, &ConsultationUpdate { action })).await
    }

    /// `DELETE /calls/{id}/handovers/{handover}`: takes a request back.
    pub async fn take_back(&self, call: &str, handover: &str) -> Result<()> {
        let path = format!("/calls/{call}/handovers/{handover}");
        done(keyed(self.request(Method::DELETE, &path))).await
    }

    /// `GET /destinations`: where calls can be handed to.
    pub async fn destinations(&self) -> Result<DestinationList> {
        json(self.request(Method::GET, "/destinations")).await
    }

    /// `POST /calls/{id}/legs`: begins to listen.
    pub async fn listen(&self, call: &str, station: &str) -> Result<LegState> {
        let path = format!("/calls/{call}/legs");
        json(self.command(Method::POST, &path, &attach(station))).await
    }

    /// `PUT /calls/{id}/legs/{leg}`: what one's own leg shall be.
    pub async fn update_leg(&self, call: &str, leg: &str, update: &LegUpdate) -> Result<LegState> {
        let path = format!("/calls/{call}/legs/{leg}");
        json(self.command(Method::PUT, &path, update)).await
    }

    /// `DELETE /calls/{id}/legs/{leg}`: stops supervising, or hangs up one's own leg.
    pub async fn delete_leg(&self, call: &str, leg: &str) -> Result<()> {
        let path = format!("/calls/{call}/legs/{leg}");
        done(keyed(self.request(Method::DELETE, &path))).await
    }

    /// `POST /conversations`: it waits for an agent.
    pub async fn open_conversation(&self, open: &OpenConversation) -> Result<ConversationView> {
        json(self.command(Method::POST, "/conversations", open)).await
    }

    /// `POST /conversations/{id}/accept`: takes what is offered.
    pub async fn accept_conversation(&self, id: &str) -> Result<ConversationView> {
        let path = format!("/conversations/{id}/accept");
        json(self.command(Method::POST, &path, &OfferAnswer::default())).await
    }

    /// `POST /conversations/{id}/messages`.
    pub async fn post_message(&self, id: &str, message: &PostMessage) -> Result<MessageReceipt> {
        json(self.command(Method::POST, &format!("/conversations/{id}/messages"), message)).await
    }

    /// `POST /conversations/{id}/typing`.
    pub async fn tell_typing(&self, id: &str, typing: &TypingRequest) -> Result<()> {
        done(self.command(Method::POST, &format!("/conversations/{id}/typing"), typing)).await
    }

    /// `POST /conversations/{id}/help`.
    pub async fn help_in_conversation(&self, id: &str, help: &HelpRequest) -> Result<()> {
        done(self.command(Method::POST, &format!("/conversations/{id}/help"), help)).await
    }

    /// `POST /conversations/{id}/end`.
    pub async fn end_conversation(&self, id: &str) -> Result<()> {
        done(keyed(self.request(Method::POST, &format!("/conversations/{id}/end")))).await
    }

    fn command(&self, method: Method, path: &str, body: &impl Serialize) -> RequestBuilder {
        keyed(self.request(method, path)).json(body)
    }

    async fn order(&self, call: &str, verb: &str) -> Result<()> {
        let path = format!("/calls/{call}/{verb}");
        done(keyed(self.request(Method::POST, &path))).await
    }
}

fn attach(station: &str) -> AttachStation {
    AttachStation { station: station.to_owned(), mode: None }
}

fn keyed(request: RequestBuilder) -> RequestBuilder {
    request.header("Idempotency-Key", format!("{:032x}", rand::random::<u128>()))
}

async fn json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    Ok(checked(request).await?.json().await?)
}

async fn done(request: RequestBuilder) -> Result<()> {
    checked(request).await.map(drop)
}

/// Sends, and turns every status but 2xx into an error.
async fn checked(request: RequestBuilder) -> Result<Response> {
    let response = request.send().await?;
    if response.status().is_success() {
        return Ok(response);
    }
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with(PROBLEM_CONTENT_TYPE));
    if is_problem {
        return Err(ClientError::Problem(Box::new(response.json().await?)));
    }
    Err(unexpected(response).await)
}

async fn unexpected(response: Response) -> ClientError {
    let status = response.status().as_u16();
    let body = match response.text().await {
        Ok(body) => body.chars().take(BODY_EXCERPT_CHARS).collect(),
        Err(error) => error.to_string(),
    };
    ClientError::Unexpected { status, body }
}

/// The WebSocket's URL for this server: `http` becomes `ws`, `https` `wss`.
pub(crate) fn web_socket_url(server: &str) -> String {
    match server.strip_prefix("http") {
        Some(rest) => format!("ws{rest}{API_ROOT}/events"),
        None => format!("{server}{API_ROOT}/events"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_events_are_on_the_same_host() {
        assert_eq!(web_socket_url("http://127.0.0.1:8080"), "ws://127.0.0.1:8080/api/v1/events");
        assert_eq!(web_socket_url("https://a.example"), "wss://a.example/api/v1/events");
    }

    #[test]
    fn a_token_does_not_show() {
        let api = Api::new("http://127.0.0.1:1/").unwrap();
        let api = api.with_token(Token::new("secret"));
        assert!(!format!("{api:?}").contains("secret"));
    }
}
