//! The intact pages of an Ogg file (RFC 3533), past whatever is damaged or foreign between them.

use std::io::{self, Read, Seek, SeekFrom};

use ogg::reading::{OggPage, PageParser};

use crate::pcm::{HEAD_BYTES, fill};

/// How a page begins.
const CAPTURE: &[u8; 4] = b"OggS";
/// A page's header without its segment table.
const HEADER_BYTES: usize = 27;
/// More damaged pages than this, and the rest is not looked at: a file made of beginnings alone would
/// take as long as its length squared.
const DAMAGED_MAX: usize = 1_000;

/// A page whose checksum is right.
pub(crate) struct Page {
    /// The logical stream that it belongs to.
    pub serial: u32,
    /// Whether a logical stream begins with it.
    pub is_first: bool,
    /// Whether it ends with it.
    pub is_last: bool,
    /// Where the sound is at its end, samples; none if no packet ends on it.
    pub granule: Option<u64>,
    /// The beginning of its first packet.
    pub head: Vec<u8>,
    /// The page itself.
    pub page: OggPage,
}

/// Reads pages.
pub(crate) struct Pages<R> {
    file: R,
    /// Where the next page should begin.
    at: u64,
    /// Damaged pages so far.
    pub damaged: usize,
}

impl<R: Read + Seek> Pages<R> {
    /// From the file's beginning.
    pub fn new(file: R) -> Self {
        Self { file, at: 0, damaged: 0 }
    }

    /// The next intact page, if there is one.
    pub fn next(&mut self) -> io::Result<Option<Page>> {
        while self.damaged <= DAMAGED_MAX {
            let Some(begin) = self.find()? else { return Ok(None) };
            self.file.seek(SeekFrom::Start(begin))?;
            if let Some(page) = self.parse()? {
                self.at = self.file.stream_position()?;
                return Ok(Some(page));
            }
            self.damaged += 1;
            self.at = begin + CAPTURE.len() as u64;
        }
        Ok(None)
    }

    /// Where the next capture pattern is.
    fn find(&mut self) -> io::Result<Option<u64>> {
        self.file.seek(SeekFrom::Start(self.at))?;
        let mut room = [0; 4096];
        // The last three bytes of one piece may begin a pattern that the next one ends.
        let (mut kept, mut begin) = (0, self.at);
        loop {
            let filled = kept + fill(&mut self.file, &mut room[kept..])?;
            if filled < CAPTURE.len() {
                return Ok(None);
            }
            let place = room[..filled].windows(CAPTURE.len()).position(|four| four == CAPTURE);
            if let Some(place) = place {
                return Ok(Some(begin + place as u64));
            }
            if filled < room.len() {
                return Ok(None);
            }
            kept = CAPTURE.len() - 1;
            begin += (filled - kept) as u64;
            room.copy_within(filled - kept.., 0);
        }
    }

    /// The page that begins here; none if it is damaged or cut off.
    fn parse(&mut self) -> io::Result<Option<Page>> {
        let mut header = [0; HEADER_BYTES];
        if fill(&mut self.file, &mut header)? < header.len() {
            return Ok(None);
        }
        let Ok((mut parser, segments)) = PageParser::new(header) else { return Ok(None) };
        let mut table = vec![0; segments];
        if fill(&mut self.file, &mut table)? < table.len() {
            return Ok(None);
        }
        let mut body = vec![0; parser.parse_segments(table)];
        if fill(&mut self.file, &mut body)? < body.len() {
            return Ok(None);
        }
        let head = body[..body.len().min(HEAD_BYTES)].to_vec();
        let Ok(page) = parser.parse_packet_data(body) else { return Ok(None) };
        let flags = header[5];
        let [.., a, b, c, d, _, _, _, _, _, _, _, _, _] = header;
        let granule = header[6..14].iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
        Ok(Some(Page {
            serial: u32::from_le_bytes([a, b, c, d]),
            is_first: flags & 2 != 0,
            is_last: flags & 4 != 0,
            granule: (granule != u64::MAX).then_some(granule),
            head,
            page,
        }))
    }
}
