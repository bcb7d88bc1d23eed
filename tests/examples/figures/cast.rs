//! Callers, agents and supervisors with real stations.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use client::api::{Api, Token};
use client::clip::{Clip, Speech};
use client::events::Events;
use client::media::{FRAME_SAMPLES, Offer, SAMPLE_RATE_HZ, Station, StationConfig};
use client::playout::Heard;
use codec::{CodecError, OpusEncoderConfig};
use media_server::seed::DEMO_PASSWORD;
use recordings::Recording;
use wire::{Destination, LegUpdate, LoginResponse, Mode, PlaceCall, PresenceChoice};

use crate::server::Server;
use crate::tap::Tap;

/// Calls whose parties are on taps; their callers send chirps and their agents silence.
pub const TAPPED: usize = 4;
/// The call on which modes are changed; caller and supervisor send tones.
pub const CHANGED: usize = TAPPED;
/// The supervisor's tone on it.
pub const SUPERVISOR_HZ: f32 = 1_700.0;
const CALLER_HZ: f32 = 500.0;
const LEVEL_DBFS: f32 = -20.0;
const PATIENCE: Duration = Duration::from_secs(20);
/// Ten minutes of packets.
const PACKETS_MAX: usize = 30_000;

/// Somebody with a station.
pub struct Person {
    pub api: Api,
    pub station_id: String,
    pub station: Arc<Station>,
    pub heard: Heard,
    pub tap: Option<Tap>,
    pub clip: Clip,
    speech: Mutex<Option<Speech>>,
}

/// A call and its people.
pub struct Call {
    pub id: String,
    pub caller: Person,
    pub agent: Person,
}

/// Everybody.
pub struct Cast {
    pub calls: Vec<Call>,
    pub supervisors: Vec<Person>,
}

impl Cast {
    /// So many calls, and a supervisor for each if asked for, who is on no call yet.
    pub async fn gather(server: &Server, calls: usize, supervised: bool) -> anyhow::Result<Self> {
        let ready = |it: Recording| -> Result<[Clip; 2], CodecError> {
            Ok([Clip::from_packets(&it.caller)?, Clip::from_packets(&it.agent)?])
        };
        let said =
            Recording::demo_calls()?.into_iter().map(ready).collect::<Result<Vec<_>, _>>()?;
        let mut cast = Self { calls: Vec::new(), supervisors: Vec::new() };
        for index in 0..calls {
            let [caller, agent] = said[index % said.len()].clone();
            let tapped = index < TAPPED;
            let (caller, agent) = match index {
                _ if tapped && supervised => (chirps()?, silence()?),
                CHANGED if supervised => (tone(CALLER_HZ)?, agent),
                _ => (caller, agent),
            };
            cast.calls.push(Call::place(server, index, caller, agent, tapped).await?);
        }
        for index in 0..if supervised { calls } else { 0 } {
            let clip = match index {
                CHANGED => tone(SUPERVISOR_HZ)?,
                _ => said[(index + 1) % said.len()][1].clone(),
            };
            let api = Api::new(&server.url)?;
            let login = api.login(&format!("figure{index}"), DEMO_PASSWORD).await?;
            let person = Person::enter(&api, login, clip, index < TAPPED).await?;
            // Supervision needs an event stream of the same sign-in.
            let mut events = Events::connect(&person.api).await?;
            tokio::spawn(async move { while let Ok(Some(_)) = events.next().await {} });
            cast.supervisors.push(person);
        }
        Ok(cast)
    }

    /// Each supervisor begins to listen to a call, and to speak; their legs.
    pub async fn supervise(&self) -> anyhow::Result<Vec<String>> {
        let mut legs = Vec::new();
        for (supervisor, call) in self.supervisors.iter().zip(&self.calls) {
            legs.push(supervisor.api.listen(&call.id, &supervisor.station_id).await?.leg);
            supervisor.speak();
        }
        Ok(legs)
    }

    /// All supervisors take a mode.
    pub async fn all_to(&self, legs: &[String], mode: Mode) -> anyhow::Result<()> {
        let update = LegUpdate { mode: Some(mode), ..LegUpdate::default() };
        for ((supervisor, call), leg) in self.supervisors.iter().zip(&self.calls).zip(legs) {
            supervisor.api.update_leg(&call.id, leg, &update).await?;
        }
        Ok(())
    }
}

impl Call {
    async fn place(
        server: &Server,
        index: usize,
        caller: Clip,
        agent: Clip,
        tapped: bool,
    ) -> anyhow::Result<Self> {
        let api = Api::new(&server.url)?;
        let login = api.login(&format!("demo-agent{}", index + 1), DEMO_PASSWORD).await?;
        let queue = login.user.queues.first().context("the agent serves no queue")?.id.clone();
        let agent = Person::enter(&api, login, agent, tapped).await?;
        let mut events = Events::connect(&agent.api).await?;
        agent.api.set_presence(PresenceChoice::Ready, None).await?;

        let login = api.guest(&format!("Caller {index}")).await?;
        let caller = Person::enter(&api, login, caller, tapped).await?;
        let station = caller.station_id.clone();
        let place = PlaceCall { station, to: Destination::Queue(queue), caller: None };
        let id = caller.api.place_call(&place).await?.id;
        anyhow::ensure!(events.offered(PATIENCE).await?.id == id, "another call rings");
        agent.api.answer(&id, &agent.station_id).await?;
        // The stream has to be read, or the server closes it and the agent is gone.
        tokio::spawn(async move { while let Ok(Some(_)) = events.next().await {} });
        caller.speak();
        agent.speak();
        Ok(Self { id, caller, agent })
    }
}

impl Person {
    async fn enter(
        api: &Api,
        login: LoginResponse,
        clip: Clip,
        tapped: bool,
    ) -> anyhow::Result<Self> {
        let api = api.with_token(Token::new(login.token));
        let heard = Heard::new(PACKETS_MAX);
        let offer = Offer::new(&StationConfig::default(), heard.recorder()).await?;
        let answer = api.create_station(offer.sdp()).await?;
        let (tap, sdp) = if tapped {
            let (tap, sdp) = Tap::into_answer(&answer.sdp)?;
            (Some(tap), sdp)
        } else {
            (None, answer.sdp)
        };
        let station = Arc::new(offer.accept_answer(&sdp).await?);
        let speech = Mutex::default();
        Ok(Self { api, station_id: answer.id, station, heard, tap, clip, speech })
    }

    fn speak(&self) {
        let speech = self.clip.repeat(self.station.clone());
        *self.speech.lock().expect("nobody panics with it") = Some(speech);
    }
}

fn tone(hz: f32) -> anyhow::Result<Clip> {
    Ok(Clip::tone(hz, LEVEL_DBFS, Duration::from_secs(1))?)
}

fn silence() -> anyhow::Result<Clip> {
    let signal = vec![0.0; SAMPLE_RATE_HZ as usize];
    Ok(Clip::encode(&signal, OpusEncoderConfig::default())?)
}

/// A second with a chirp of a tenth of a second at its half.
fn chirps() -> anyhow::Result<Clip> {
    const LENGTH_S: f64 = 0.1;
    let rate = f64::from(SAMPLE_RATE_HZ);
    let mut signal = vec![0.0; SAMPLE_RATE_HZ as usize];
    let begin = CHIRP_FRAME * FRAME_SAMPLES as usize;
    for n in 0..(LENGTH_S * rate) as usize {
        let t = n as f64 / rate;
        let phase =
            std::f64::consts::TAU * (400.0 * t + (2_400.0 - 400.0) / LENGTH_S * t * t / 2.0);
        let edge = (std::f64::consts::PI * t / LENGTH_S).sin();
        signal[begin + n] = (0.3 * edge * phase.sin()) as f32;
    }
    Ok(Clip::encode(&signal, OpusEncoderConfig::default())?)
}

/// The frame of the clip in which the chirp begins; it lasts five frames.
pub const CHIRP_FRAME: usize = 25;
