//! What stands before and around every handler: the body's arrival, authentication, the origin of
//! browsers' requests, time limits, caught panics, security headers, and a counter.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use budget::{Client, Networks, Rate, Rates};
use interaction::UserId;
use tower_http::catch_panic::CatchPanicLayer;

use super::clients::{self, Proxies, Sender};
use super::signed::{Outcome, Signed};
use super::slots::Slot;
use super::{Kind, Problem, cookie, extract, problem};
use crate::ApiConfig;
use crate::site::Site;
use accounts::{Auth, Error, User};
use orchestrator::Orchestrator;

/// What the pages may do: everything from this server, nothing from elsewhere. Pictures that came
/// with a bearer token are shown as blobs.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; connect-src 'self' ws: wss:; \
     img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors ";
/// What is no page may load and run nothing.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// The one page that may be shown in a frame: the customer's chat, as the widget asks for it.
const FRAMED: (&str, &str) = ("/chat", "embed=1");

const SECURITY_HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "microphone=(self), camera=(), geolocation=(), display-capture=()",
    ),
];

/// How long the body of a request that is signed in may take to arrive, JSON and SDP alike. Rights
/// are looked at when it is there, so that nobody acts with rights that they had when it began.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(5);
/// Commands that somebody may send in one moment: those of so many seconds.
const BURST_SECONDS: u32 = 6;
/// All guests of one client together may send as much as so many people.
const GUESTS_OF_A_CLIENT: u32 = 10;
/// People, and clients, whose commands are counted; beyond, those who sent fewest are forgotten.
const SENDERS_MAX: usize = 20_000;
/// Seconds until a connection may be free again.
const PLACES_RETRY_S: u64 = 5;
/// Uploads are not read before their handler: they may be large, and their handler looks at the
/// rights once more when it has read them.
const STREAMED: [(Method, &str); 1] = [(Method::POST, "/api/v1/conversations/{id}/attachments")];

/// Finds out who asks, once all of the request is there. Only a handler that wants somebody
/// [`Signed`] refuses who is not. If the rights change while the request is carried out, it is asked once more.
pub async fn authenticate(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let auth = &gate.auth;
    let mut response = match cookie::credentials(&gate.site, request.headers()) {
        None => next.run(request).await,
        Some((token, _)) if !auth.is_plausible(&token) => {
            gate.run(request, Err(Error::SignInEnded), false, next).await
        }
        Some((token, by_cookie)) => match Held::of(request).await {
            Ok(held) => held.run(&gate, &token, by_cookie, next).await,
            Err(problem) => problem.into_response(),
        },
    };
    // Answers of the API are about this moment and this user.
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A request that is here, all of it.
enum Held {
    /// With its body, so that it can be asked again.
    Whole(Parts, Bytes),
    /// Its handler reads the body: an upload.
    Streamed(Request),
}

impl Held {
    async fn of(request: Request) -> Result<Self, Problem> {
        if is_streamed(&request) {
            return Ok(Self::Streamed(request));
        }
        let (parts, body) = request.into_parts();
        // With the router's own limit on its length.
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &());
        let read = tokio::time::timeout(BODY_TIME_MAX, body).await.map_err(|_| {
            Problem::new(
                Kind::RequestTimeout,
                format!(
                    "The body was not there after {} s. Send it again.",
                    BODY_TIME_MAX.as_secs()
                ),
            )
        })?;
        Ok(Self::Whole(parts, read.map_err(|rejection| extract::bad_bytes(&rejection))?))
    }

    async fn run(self, gate: &Gate, token: &str, by_cookie: bool, next: Next) -> Response {
        let (parts, body) = match self {
            Self::Streamed(request) => {
                let user = gate.auth.authenticate(token).await;
                return gate.run(request, user, by_cookie, next).await;
            }
            Self::Whole(parts, body) => (parts, body),
        };
        let again = next.clone();
        let request = Request::from_parts(parts.clone(), Body::from(body.clone()));
        let user = gate.auth.authenticate(token).await;
        let response = gate.run(request, user, by_cookie, next).await;
        if !problem::is_about_changed_rights(&response) {
            return response;
        }
        // Asked twice, and counted once.
        let user = gate.auth.authenticate(token).await;
        gate.admit(Request::from_parts(parts, Body::from(body)), user, by_cookie, again).await
    }
}

/// Who is let through, and how often.
pub struct Gate {
    auth: Auth,
    orchestrator: Orchestrator,
    site: Arc<Site>,
    commands: Mutex<Rates<UserId>>,
    of_guests: Mutex<Rates<Client>>,
    unlimited: Networks,
}

impl Gate {
    /// Nobody has sent anything yet.
    pub fn new(auth: Auth, orchestrator: Orchestrator, config: &ApiConfig) -> Self {
        let rate = |people: u32| {
            let per_second = config.commands_per_second.max(1) * people;
            Rate::new(per_second * BURST_SECONDS, Duration::from_secs(1) / per_second)
        };
        Self {
            auth,
            orchestrator,
            site: config.site.clone(),
            commands: Mutex::new(Rates::new(rate(1), SENDERS_MAX)),
            of_guests: Mutex::new(Rates::new(rate(GUESTS_OF_A_CLIENT), SENDERS_MAX)),
            unlimited: config.unlimited_clients.clone(),
        }
    }

    /// Counts a command. It goes by who sends it and from where alone, so that it tells nothing about
    /// anybody else.
    fn count(&self, user: &User, request: &Request) -> Result<(), Problem> {
        if is_harmless(request) {
            return Ok(());
        }
        let sender = request.extensions().get::<Sender>().map(|sender| sender.0);
        if sender.is_some_and(|client| self.unlimited.has(client)) {
            return Ok(());
        }
        let now = Instant::now();
        let mut taken = lock(&self.commands).take(now, user.id);
        if let Some(client) = sender.filter(|_| user.is_guest()) {
            taken = taken.and_then(|()| lock(&self.of_guests).take(now, client));
        }
        taken.map_err(|wait| {
            Problem::new(
                Kind::TooFast,
                "You are sending commands too fast. Wait a moment, then send it again.",
            )
            .retry_after_s(wait.as_secs() + 1)
        })
    }

    /// Lets the handler know who asks, and answers.
    async fn run(
        &self,
        request: Request,
        user: Result<Arc<User>, Error>,
        by_cookie: bool,
        next: Next,
    ) -> Response {
        if let Ok(user) = &user
            && let Err(problem) = self.count(user, &request)
        {
            return problem.into_response();
        }
        self.admit(request, user, by_cookie, next).await
    }

    /// Lets the handler know who asks, and answers.
    async fn admit(
        &self,
        mut request: Request,
        user: Result<Arc<User>, Error>,
        by_cookie: bool,
        next: Next,
    ) -> Response {
        let signed = user.map_err(Problem::from).map(|user| Signed::new(user, by_cookie));
        let outcome = Outcome(signed.and_then(|signed| self.own_page_only(signed, &request)));
        request.extensions_mut().insert(outcome);
        next.run(request).await
    }

    /// A browser sends its cookie by itself, also for another site's page; what changes something,
    /// or opens the event stream, must come from a page of ours.
    fn own_page_only(&self, signed: Signed, request: &Request) -> Result<Signed, Problem> {
        let opens_nothing = !request.headers().contains_key(header::UPGRADE);
        if !signed.by_cookie()
            || (is_harmless(request) && opens_nothing)
            || self.site.is_own_origin(request.headers())
        {
            return Ok(signed);
        }
        Err(Problem::new(
            Kind::CrossSite,
            "A request signed in by cookie must come from a page of this server. Programs send the \
             token as Authorization: Bearer.",
        ))
    }

    /// Whether the request is one that the last places are kept for: of somebody who works here, or
    /// by which they come in, of a guest whom somebody serves, or a probe.
    fn has_a_place(&self, request: &Request) -> bool {
        let path = request.uri().path();
        path == "/healthz"
            || path.strip_prefix(wire::API_ROOT) == Some("/login")
            || cookie::credentials(&self.site, request.headers()).is_some_and(|(token, _)| {
                self.auth.is_plausible_account(&token) || self.is_served(&token, path)
            })
    }

    /// Whether it is a guest's who is in a call or conversation that goes on. Not for an event stream,
    /// which would keep its place for as long as the guest likes.
    fn is_served(&self, token: &str, path: &str) -> bool {
        path.strip_prefix(wire::API_ROOT) != Some("/events")
            && self
                .auth
                .plausible_guest(token)
                .is_some_and(|guest| self.orchestrator.takes_part(guest))
    }
}

/// On the last places of the listener only those who work here are answered.
pub async fn keep_places(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let is_kept = request.extensions().get::<Arc<Slot>>().is_some_and(|slot| slot.is_reserved());
    if !is_kept || gate.has_a_place(&request) {
        return next.run(request).await;
    }
    let problem = Problem::new(
        Kind::Overloaded,
        "The server has as many connections as it may. Try again in a few seconds.",
    );
    let mut response = problem.retry_after_s(PLACES_RETRY_S).into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Each change of the buckets is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether it changes nothing.
fn is_harmless(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

fn is_streamed(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_it =
        |(method, streamed): &(Method, &str)| request.method() == method && path == Some(*streamed);
    STREAMED.iter().any(is_it)
}

/// Puts the outer guards around the public router.
pub fn protect(router: Router, config: &ApiConfig) -> Router {
    let proxies = Arc::new(Proxies::new(config.trusted_proxies.clone()));
    contain(router, config.request_timeout)
        .layer(middleware::from_fn_with_state(proxies, clients::identify))
        .layer(middleware::from_fn_with_state(config.site.clone(), for_this_server))
        .layer(middleware::from_fn_with_state(Arc::new(Framing::new(config)), watch))
}

/// The guards around the operator's router: nothing there is a page, and a page of another site may
/// not read what it tells by a name that was made to point here.
pub fn protect_operators(router: Router, timeout: Duration, site: Arc<Site>) -> Router {
    contain(router, timeout).layer(middleware::from_fn_with_state(site, for_this_server)).layer(
        middleware::map_response(async |mut response: Response| {
            let headers = response.headers_mut();
            add_security_headers(headers);
            add(headers, header::CONTENT_SECURITY_POLICY, NO_PAGE);
            response
        }),
    )
}

/// Refuses what is for another server (RFC 9110 §15.5.20).
async fn for_this_server(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    if site.answers_to(&request) {
        return next.run(request).await;
    }
    Problem::new(
        Kind::WrongHost,
        "The request names a host that this server is not known by. Open it by its own address; an \
         administrator sets it as `public_url`, and more names as `allowed_hosts`.",
    )
    .into_response()
}

/// Bounds the time of each answer, and lets a handler's panic end that request alone.
pub fn contain(router: Router, timeout: Duration) -> Router {
    router
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            in_time(timeout, request, next)
        }))
        .layer(CatchPanicLayer::custom(panicked))
}

/// How browsers are to treat what they get. Who may show pages in a frame: nobody, but for the
/// chat the sites that embed it.
struct Framing {
    nobody: HeaderValue,
    embedding: HeaderValue,
    hsts: Option<HeaderValue>,
}

impl Framing {
    fn new(config: &ApiConfig) -> Self {
        let policy = |ancestors: &str| {
            HeaderValue::try_from(format!("{CONTENT_SECURITY_POLICY}{ancestors}"))
                .expect("origins were checked to be plain ASCII")
        };
        let sites =
            config.widget_origins.iter().fold("'self'".to_owned(), |all, site| all + " " + site);
        Self { nobody: policy("'none'"), embedding: policy(&sites), hsts: config.site.hsts() }
    }

    fn add(&self, framed: bool, headers: &mut HeaderMap) {
        let policy = if framed { &self.embedding } else { &self.nobody };
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy.clone());
        // The old header can't name sites; browsers that know the policy ignore it.
        if !framed {
            add(headers, header::X_FRAME_OPTIONS, "DENY");
        }
        if let Some(hsts) = &self.hsts {
            headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(hsts.clone());
        }
    }
}

fn is_framed(uri: &Uri) -> bool {
    let (path, flag) = FRAMED;
    uri.path() == path && uri.query().is_some_and(|query| query.split('&').any(|it| it == flag))
}

async fn in_time(timeout: Duration, request: Request, next: Next) -> Response {
    // How long an upload takes hangs on its size: it has limits of its own.
    if is_streamed(&request) {
        return next.run(request).await;
    }
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            Kind::RequestTimeout,
            format!("The request was not answered within {} s. Send it again.", timeout.as_secs()),
        )
        .into_response(),
    }
}

async fn watch(State(framing): State<Arc<Framing>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = method_label(request.method());
    let framed = is_framed(request.uri());
    let mut response = next.run(request).await;
    add_security_headers(response.headers_mut());
    framing.add(framed, response.headers_mut());
    let status = response.status().as_u16().to_string();
    metrics::counter!("sotto_http_requests_total", "method" => method, "status" => status)
        .increment(1);
    metrics::histogram!("sotto_http_request_seconds", "method" => method).record(start.elapsed());
    response
}

fn add_security_headers(headers: &mut HeaderMap) {
    for (name, value) in SECURITY_HEADERS {
        add(headers, name, value);
    }
}

/// What a handler said of its own answer stands: it knows better, and is the stricter.
fn add(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// Methods are the client's to invent, labels of metrics are not.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let cause = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Problem::internal(cause).into_response()
}
