//! How calls sound, and what it costs: writes pairs of WAV files, as said and as heard, for PESQ.
//!
//! `scripts/quality.sh` (`make quality`) gets the recordings, runs this, and prints the tables. By hand:
//! `cargo run --release -p sim --example quality -- FOLDER-WITH-G722-PROMPTS OUTPUT-FOLDER`, with `transitions` behind it
//! only what changes of delivery cost. One line a pair goes to
//! `OUTPUT-FOLDER/pairs.tsv`: table, row, cost, file as said, file as heard.
//!
//! Real speech, a real `call_engine::Call` and real Opus at both ends; no sockets, which change no sound.

mod speech;
mod transitions;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use call_engine::CallConfig;
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use jitter::{JitterConfig, Receiver};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sim::{Carried, Received};

/// As browsers send speech.
const SENDER: OpusEncoderConfig = OpusEncoderConfig {
    application: codec::OpusApplication::Voip,
    bitrate_bps: 32_000,
    complexity: 9,
    inband_fec: true,
    expected_loss_percent: 10,
    dtx: false,
};
/// Of each frame the fastest of so many rounds counts: other processes only ever slow one down.
const ROUNDS: usize = 3;
const LOSSES_PERCENT: [u8; 6] = [0, 1, 5, 10, 20, 30];
const LOSS_SEEDS: u64 = 4;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(prompts), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: quality FOLDER-WITH-G722-PROMPTS OUTPUT-FOLDER"));
    };
    let conversation = speech::Conversation::read(&prompts)?;
    let mut pairs = Pairs::new(&out, &conversation)?;
    if arguments.next().is_some_and(|part| part.as_os_str() == "transitions") {
        return transitions::transitions(&mut pairs, &conversation);
    }
    only_talker(&mut pairs, &conversation)?;
    telephone(&mut pairs, &conversation)?;
    encoders(&mut pairs, &conversation)?;
    losses(&mut pairs, &conversation)?;
    transitions::transitions(&mut pairs, &conversation)
}

/// A supervisor listens: the only talker's packets against mixing always, for two kinds of senders.
fn only_talker(pairs: &mut Pairs, conversation: &speech::Conversation) -> io::Result<()> {
    for (name, bitrate_bps) in [("32k", 32_000), ("24k", 24_000)] {
        let sender = OpusEncoderConfig { bitrate_bps, ..SENDER };
        let said = conversation.said.each_ref().map(|sound| speech::encode(sound, sender));
        for mixes_always in [true, false] {
            let encoder = OpusEncoderConfig { bitrate_bps: 32_000, ..OpusEncoderConfig::default() };
            let call = CallConfig { encoder, mixes_always, ..CallConfig::default() };
            let (carried, us) = carry(&said, &call, true);
            let frames = carried.took.len() as f64;
            let encoded = 100.0 * carried.counters.encoded as f64 / frames;
            let way = if mixes_always { "mixed always" } else { "only talker" };
            let row = format!("senders at {name}, {way}, {encoded:.0} % encoded");
            pairs.add("talker", &row, us, &listen(&carried.received))?;
        }
    }
    Ok(())
}

/// The same where the caller is on a telephone, against what both sent: what re-encoding costs on top of that.
fn telephone(pairs: &mut Pairs, conversation: &speech::Conversation) -> io::Result<()> {
    let [caller, agent] = &conversation.said;
    let said = [speech::encode_narrow(caller, SENDER), speech::encode(agent, SENDER)];
    let [caller, agent] = said.each_ref().map(|packets| decode(packets));
    pairs.said.push(caller.iter().zip(&agent).map(|(a, b)| a + b).collect());
    let sent = pairs.said.len() - 1;
    for mixes_always in [true, false] {
        let encoder = OpusEncoderConfig { bitrate_bps: 32_000, ..OpusEncoderConfig::default() };
        let call = CallConfig { encoder, mixes_always, ..CallConfig::default() };
        let (carried, us) = carry(&said, &call, true);
        let encoded = 100.0 * carried.counters.encoded as f64 / carried.took.len() as f64;
        let way = if mixes_always { "mixed always" } else { "only talker" };
        let row = format!("caller at 8 kHz, {way}, {encoded:.0} % encoded");
        pairs.write(
            sent,
            "telephone (against what was sent)",
            &row,
            us,
            &listen(&carried.received),
        )?;
    }
    Ok(())
}

/// What packets hold.
fn decode(packets: &[Vec<u8>]) -> Vec<f32> {
    let mut decoder = codec::OpusDecoder::new().expect("libopus has memory");
    let mut frame = [0.0; codec::OPUS_PACKET_SAMPLES_MAX];
    let mut sound = Vec::new();
    for packet in packets {
        let samples = decoder.decode_into(packet, &mut frame).expect("a valid packet");
        sound.extend_from_slice(&frame[..samples]);
    }
    sound
}

/// Mixes that are always encoded, by the encoder's complexity and bitrate.
fn encoders(pairs: &mut Pairs, conversation: &speech::Conversation) -> io::Result<()> {
    let said = conversation.said.each_ref().map(|sound| speech::encode(sound, SENDER));
    let together = conversation.together();
    for bitrate_bps in [24_000, 32_000, 40_000] {
        for complexity in [0, 3, 5, 6, 7, 10] {
            let encoder = OpusEncoderConfig { bitrate_bps, complexity, ..Default::default() };
            let call = CallConfig { encoder, mixes_always: true, ..CallConfig::default() };
            let conversation =
                sim::Conversation { said: [&said[0], &said[1]], call, is_supervised: true };
            let carried = conversation.carry();
            let row = format!("{} kbit/s, complexity {complexity}", bitrate_bps / 1_000);
            pairs.add(
                "encoder",
                &row,
                encode_us(&together, encoder),
                &listen(&carried.received),
            )?;
        }
    }
    Ok(())
}

/// What the agent hears of the caller (forwarded), and a supervisor of both, where the senders' packets get lost.
fn losses(pairs: &mut Pairs, conversation: &speech::Conversation) -> io::Result<()> {
    for percent in LOSSES_PERCENT {
        // Senders are told of the loss (RTCP), and prepare for it.
        let sender = OpusEncoderConfig { expected_loss_percent: percent.max(10), ..SENDER };
        let said = conversation.said.each_ref().map(|sound| speech::encode(sound, sender));
        let seeds = if percent == 0 { 1 } else { LOSS_SEEDS };
        for seed in 0..seeds {
            let mut random = StdRng::seed_from_u64(seed * 100 + u64::from(percent));
            let mut lossy = said.clone();
            for packet in lossy.iter_mut().flatten() {
                if random.random_bool(f64::from(percent) / 100.0) {
                    packet.clear();
                }
            }
            for (table, is_supervised) in [("forwarded", false), ("talker under loss", true)] {
                let (carried, us) = carry(&lossy, &CallConfig::default(), is_supervised);
                let heard = receive(&carried.received);
                let row = format!("{percent} % lost");
                match is_supervised {
                    true => pairs.add(table, &row, us, &heard)?,
                    false => pairs.add_of(0, table, &row, us, &heard)?,
                }
            }
        }
    }
    Ok(())
}

/// Carries the conversation; also says what a frame took, µs.
fn carry(said: &[Vec<Vec<u8>>; 2], call: &CallConfig, is_supervised: bool) -> (Carried, f64) {
    let said = [&said[0][..], &said[1][..]];
    let conversation = sim::Conversation { said, call: call.clone(), is_supervised };
    let mut carried = conversation.carry();
    for _ in 1..ROUNDS {
        let again = conversation.carry().took;
        carried.took.iter_mut().zip(again).for_each(|(least, took)| *least = took.min(*least));
    }
    let mean_us = mean_us(&carried.took);
    (carried, mean_us)
}

/// What encoding a frame takes, µs.
fn encode_us(sound: &[f32], config: OpusEncoderConfig) -> f64 {
    let (frames, _) = sound.as_chunks::<FRAME_SAMPLES>();
    let mut least = vec![Duration::MAX; frames.len()];
    for _ in 0..ROUNDS {
        let mut encoder = OpusEncoder::new(config).expect("a configuration within the limits");
        let mut out = [0; OPUS_PACKET_BYTES_MAX];
        for (least, frame) in least.iter_mut().zip(frames) {
            let begun = Instant::now();
            encoder.encode_into(frame, &mut out).expect("a whole frame encodes");
            *least = begun.elapsed().min(*least);
        }
    }
    mean_us(&least)
}

fn mean_us(took: &[Duration]) -> f64 {
    took.iter().map(|it| it.as_secs_f64() * 1e6).sum::<f64>() / took.len().max(1) as f64
}

/// What a listener without losses and without a playout buffer hears.
fn listen(received: &[Received]) -> Vec<f32> {
    sim::listen::heard(received)
}

/// What a listener hears who waits for packets, restores and conceals, as ours do.
fn receive(received: &[Received]) -> Vec<f32> {
    let mut receiver = Receiver::new(JitterConfig::default()).expect("libopus has memory");
    let epoch = Instant::now();
    let at = |us: u64| epoch + Duration::from_micros(us);
    let end_us = received.last().map_or(0, |packet| packet.at_us);
    let mut waiting = received.iter().peekable();
    let mut heard = Vec::new();
    // Ticks in the middle between packets that come at the server's ticks.
    for tick_us in (10_000..=end_us + 60_000).step_by(20_000) {
        while let Some(packet) = waiting.next_if(|packet| packet.at_us <= tick_us) {
            let Received { at_us, sequence, timestamp, marker, payload, .. } = packet;
            receiver.insert(at(*at_us), *sequence, *timestamp, *marker, payload);
        }
        heard.extend_from_slice(receiver.tick(at(tick_us)).unwrap_or(&[0.0; FRAME_SAMPLES]));
    }
    heard
}

/// The WAV files, and the list of them.
struct Pairs {
    folder: PathBuf,
    list: BufWriter<File>,
    /// As both said it together, as each said it alone, and whatever else something is compared with.
    said: Vec<Vec<f32>>,
    count: usize,
}

impl Pairs {
    fn new(folder: &Path, conversation: &speech::Conversation) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let list = BufWriter::new(File::create(folder.join("pairs.tsv"))?);
        let [caller, agent] = conversation.said.clone();
        let said = vec![conversation.together(), caller, agent];
        Ok(Self { folder: folder.to_owned(), list, said, count: 0 })
    }

    fn add(&mut self, table: &str, row: &str, us: f64, heard: &[f32]) -> io::Result<()> {
        self.write(0, table, row, us, heard)
    }

    /// The same for what one of the parties said.
    fn add_of(
        &mut self,
        party: usize,
        table: &str,
        row: &str,
        us: f64,
        heard: &[f32],
    ) -> io::Result<()> {
        self.write(1 + party, table, row, us, heard)
    }

    /// A part of something, and the same part of what was heard of it.
    fn add_cut(&mut self, table: &str, row: &str, said: &[f32], heard: &[f32]) -> io::Result<()> {
        let names = ["said", "heard"].map(|it| format!("cut-{}-{it}.wav", self.count));
        for (name, sound) in names.iter().zip([said, heard]) {
            write_wav(&self.folder.join(name), &speech::down(sound, 0))?;
        }
        self.count += 1;
        writeln!(self.list, "{table}\t{row}\t0.0\t{}\t{}", names[0], names[1])?;
        self.list.flush()
    }

    fn write(
        &mut self,
        said: usize,
        table: &str,
        row: &str,
        us: f64,
        heard: &[f32],
    ) -> io::Result<()> {
        let delay = delay(&self.said[said], heard);
        let names = [format!("said-{said}.wav"), format!("heard-{}.wav", self.count)];
        write_wav(&self.folder.join(&names[0]), &speech::down(&self.said[said], 0))?;
        write_wav(&self.folder.join(&names[1]), &speech::down(heard, delay))?;
        self.count += 1;
        writeln!(self.list, "{table}\t{row}\t{us:.1}\t{}\t{}", names[0], names[1])?;
        self.list.flush()
    }
}

/// By how many samples `heard` is later than `said`, up to 150 ms: where they correlate most.
fn delay(said: &[f32], heard: &[f32]) -> usize {
    let correlation = |lag: usize| {
        let pairs = said.iter().zip(heard.get(lag..).unwrap_or(&[])).skip(48_000).take(480_000);
        pairs.step_by(3).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
    };
    let best = |lags: &mut dyn Iterator<Item = usize>| {
        lags.max_by(|a, b| correlation(*a).total_cmp(&correlation(*b))).unwrap_or(0)
    };
    let coarse = best(&mut (0..7_200).step_by(12));
    best(&mut (coarse.saturating_sub(12)..coarse + 12))
}

/// A WAV file, 16 bit, mono.
fn write_wav(path: &Path, samples: &[i16]) -> io::Result<()> {
    let (rate, bytes) = (speech::PESQ_RATE_HZ, 2 * samples.len() as u32);
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"RIFF")?;
    file.write_all(&(36 + bytes).to_le_bytes())?;
    file.write_all(b"WAVEfmt \x10\0\0\0\x01\0\x01\0")?;
    file.write_all(&rate.to_le_bytes())?;
    file.write_all(&(2 * rate).to_le_bytes())?;
    file.write_all(b"\x02\0\x10\0data")?;
    file.write_all(&bytes.to_le_bytes())?;
    for sample in samples {
        file.write_all(&sample.to_le_bytes())?;
    }
    file.flush()
}
