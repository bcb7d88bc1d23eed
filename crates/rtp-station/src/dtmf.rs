//! Key presses as events (RFC 4733), in and out.

use std::collections::VecDeque;

use crate::digit::Digit;

/// Event packets have four bytes (RFC 4733 §2.3).
const PAYLOAD_BYTES: usize = 4;
/// The longest time that one packet can say; longer events go on in segments (§2.5.1.3).
const SEGMENT_MAX: u16 = u16::MAX;
/// Keys that wait to be sent.
pub(crate) const DIGITS_MAX: usize = 32;
/// How long a key that we send is pressed, and the pause after it, ms. ITU-T Q.24: 40 each at the least.
const PRESS_MS: u32 = 100;
const PAUSE_MS: u32 = 80;
/// Between two packets of an event, ms.
const STEP_MS: u32 = 20;
/// The last packet is sent so often (§2.5.1.4).
const ENDS: u32 = 3;
/// −8 dBm0, as telephones have it (§2.3.5).
const VOLUME: u8 = 8;

/// One event packet's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EventPacket {
    event: u8,
    is_end: bool,
    duration: u16,
}

/// The event that was told last.
#[derive(Debug, Clone, Copy)]
struct Current {
    event: u8,
    /// Of its present segment.
    timestamp: u32,
    /// As far as is known, in the event clock.
    duration: u16,
    ended: bool,
}

/// Tells each key press of the peer's once.
#[derive(Debug, Default)]
pub(crate) struct DigitsIn {
    current: Option<Current>,
}

impl EventPacket {
    fn parse(payload: &[u8]) -> Option<Self> {
        let [event, flags, high, low] = *payload.first_chunk::<PAYLOAD_BYTES>()?;
        let duration = u16::from_be_bytes([high, low]);
        Some(Self { event, is_end: flags & 0x80 != 0, duration })
    }
}

impl DigitsIn {
    /// Takes an event packet; the key, if this is the first that is heard of its being pressed: whichever of
    /// the event's packets that is, so that no loss but that of all of them hides a key.
    pub fn handle(&mut self, timestamp: u32, marker: bool, payload: &[u8]) -> Option<Digit> {
        let packet = EventPacket::parse(payload)?;
        if let Some(current) = &mut self.current
            && current.goes_on(timestamp, marker, &packet)
        {
            if current.timestamp == timestamp {
                current.duration = current.duration.max(packet.duration);
            } else {
                (current.timestamp, current.duration) = (timestamp, packet.duration);
            }
            current.ended |= packet.is_end;
            return None;
        }
        // A straggler of the event before: its time lies behind.
        if self
            .current
            .is_some_and(|it| (timestamp.wrapping_sub(it.timestamp) as i32) < 0 && !marker)
        {
            return None;
        }
        let EventPacket { event, is_end: ended, duration } = packet;
        self.current = Some(Current { event, timestamp, duration, ended });
        Digit::from_event(event)
    }

    /// Whether a key is down: what sounds meanwhile is its tone.
    pub fn is_pressed(&self) -> bool {
        self.current.is_some_and(|it| !it.ended)
    }

    /// The event is over, whether its end came or not.
    pub fn end(&mut self) {
        if let Some(current) = &mut self.current {
            current.ended = true;
        }
    }

    /// Another source numbers its events anew.
    pub fn reset(&mut self) {
        self.current = None;
    }
}

impl Current {
    /// Whether a packet is of this same event: a repetition, its next segment, or from one of those who
    /// move the timestamp within an event, against §2.5.1.2.
    fn goes_on(&self, timestamp: u32, marker: bool, packet: &EventPacket) -> bool {
        if timestamp == self.timestamp {
            return packet.event == self.event;
        }
        let after = timestamp.wrapping_sub(self.timestamp);
        let is_next_segment = self.duration == SEGMENT_MAX && after == u32::from(SEGMENT_MAX);
        let is_moving = !self.ended && after <= u32::from(packet.duration.max(self.duration));
        packet.event == self.event && !marker && (is_next_segment || is_moving)
    }
}

/// One event packet to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventOut {
    pub payload: [u8; PAYLOAD_BYTES],
    /// First packet of the event.
    pub is_first: bool,
    /// Time since the event began, ms.
    pub since_start_ms: u32,
}

/// The keys that we press.
#[derive(Debug, Default)]
pub(crate) struct DigitsOut {
    waiting: VecDeque<Digit>,
    /// The key that is down, or was, and for how many steps.
    pressing: Option<(Digit, u32)>,
}

impl DigitsOut {
    /// Queues a key; `false`: [`DIGITS_MAX`] wait already.
    pub fn press(&mut self, digit: Digit) -> bool {
        let has_room = self.waiting.len() < DIGITS_MAX;
        if has_room {
            self.waiting.push_back(digit);
        }
        has_room
    }

    /// Whether there is something to send, or a pause to keep.
    pub fn is_busy(&self) -> bool {
        self.pressing.is_some() || !self.waiting.is_empty()
    }

    /// What is to be sent at this step, one every 20 ms, with durations in the clock of the events.
    pub fn step(&mut self, clock_hz: u32) -> Option<EventOut> {
        let (digit, step) = self.pressing.or_else(|| Some((self.waiting.pop_front()?, 0)))?;
        let press = PRESS_MS / STEP_MS;
        let is_over = step + 1 >= press + ENDS - 1 + PAUSE_MS / STEP_MS;
        self.pressing = (!is_over).then_some((digit, step + 1));
        if step >= press + ENDS - 1 {
            return None;
        }
        let elapsed_ms = (step + 1).min(press) * STEP_MS;
        let duration = (elapsed_ms * (clock_hz / 1_000)) as u16;
        let end = if step + 1 >= press { 0x80 } else { 0 };
        let [high, low] = duration.to_be_bytes();
        let payload = [digit.event(), end | VOLUME, high, low];
        Some(EventOut { payload, is_first: step == 0, since_start_ms: step * STEP_MS })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(event: u8, is_end: bool, duration: u16) -> [u8; 4] {
        let [high, low] = duration.to_be_bytes();
        [event, if is_end { 0x8A } else { 0x0A }, high, low]
    }

    /// The packets of one key press that lasts 100 ms: timestamp, marker, payload.
    fn press(event: u8, timestamp: u32) -> Vec<(u32, bool, [u8; 4])> {
        let ends = [(800, true); 3];
        let steps = (1..5).map(|step| (step * 160, false)).chain(ends);
        steps
            .enumerate()
            .map(|(index, (duration, end))| (timestamp, index == 0, payload(event, end, duration)))
            .collect()
    }

    fn told(packets: &[(u32, bool, [u8; 4])]) -> String {
        let mut digits = DigitsIn::default();
        let told =
            packets.iter().filter_map(|(ts, marker, bytes)| digits.handle(*ts, *marker, bytes));
        told.map(Digit::as_char).collect()
    }

    #[test]
    fn each_key_is_told_once_whatever_is_lost() {
        let presses = [press(5, 1_000), press(5, 3_000), press(11, 6_000)];
        assert_eq!(told(&presses.concat()), "55#");
        // Of each press all packets but one are lost, whichever that is.
        for kept in 0..7 {
            let some: Vec<_> = presses.iter().map(|press| press[kept]).collect();
            assert_eq!(told(&some), "55#", "only packet {kept} of each came");
        }
        let twice: Vec<_> = presses.concat().into_iter().flat_map(|it| [it, it]).collect();
        assert_eq!(told(&twice), "55#", "duplicated by the network");
        let mut late = presses.concat();
        late.swap(6, 7);
        assert_eq!(told(&late), "55#", "an end that comes after the next beginning");
    }

    #[test]
    fn a_long_press_goes_on_in_segments() {
        let segments = [
            (0, true, payload(1, false, 160)),
            (0, false, payload(1, false, u16::MAX)),
            (65_535, false, payload(1, false, 160)),
            (65_535, false, payload(1, true, 320)),
        ];
        assert_eq!(told(&segments), "1");
    }

    #[test]
    fn a_timestamp_that_moves_within_the_event_is_forgiven() {
        let moving: Vec<_> = (0..5)
            .map(|step| (step * 160, step == 0, payload(9, step == 4, (step as u16 + 1) * 160)))
            .collect();
        assert_eq!(told(&moving), "9");
    }

    #[test]
    fn what_is_no_key_is_no_digit() {
        assert_eq!(told(&[(0, true, payload(16, false, 160))]), "", "a hook flash");
        assert_eq!(DigitsIn::default().handle(0, true, &[1, 2, 3]), None, "cut short");
    }

    #[test]
    fn keys_are_sent_one_after_the_other_with_pauses() {
        let mut out = DigitsOut::default();
        for key in "12".chars() {
            assert!(out.press(Digit::from_char(key).unwrap()));
        }
        let (mut digits, mut told, mut steps) = (DigitsIn::default(), String::new(), 0);
        let (mut start, mut ends) = (0, 0);
        while out.is_busy() {
            let sent = out.step(8_000);
            if let Some(event) = sent {
                if event.is_first {
                    start = steps * 160;
                }
                ends += u32::from(event.payload[1] & 0x80 != 0);
                told.extend(
                    digits.handle(start, event.is_first, &event.payload).map(Digit::as_char),
                );
                assert_eq!(u16::from_be_bytes([event.payload[2], event.payload[3]]) % 160, 0);
            }
            steps += 1;
        }
        assert_eq!((told.as_str(), ends, steps), ("12", 6, 22));
        let full = (0..100).filter(|_| out.press(Digit::from_event(0).unwrap())).count();
        assert_eq!(full, DIGITS_MAX);
    }
}
