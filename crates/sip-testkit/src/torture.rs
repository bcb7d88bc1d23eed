//! The messages of RFC 4475, byte for byte as its appendix has them (but for the empty line that baddn lacks there and has in
//! the text), and what is to be answered to each.

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Torture {
    /// The RFC's own name for it.
    pub name: &'static str,
    /// What is sent.
    pub bytes: &'static [u8],
    /// What is answered, but for 100; nothing: none of it is a request.
    pub by_datagram: &'static [u16],
    /// The same on a stream, which is read on behind what Content-Length says.
    pub by_stream: &'static [u16],
}

impl Torture {
    /// Whether a stream waits for more after it: what it says of its length is more than there is.
    pub fn is_unfinished(&self) -> bool {
        self.name == "clerr"
    }
}

macro_rules! torture {
    ($($name:ident $by_datagram:tt $by_stream:tt;)*) => {
        &[$(Torture {
            name: stringify!($name),
            bytes: include_bytes!(concat!("../rfc4475/", stringify!($name), ".sip")),
            by_datagram: &$by_datagram,
            by_stream: &$by_stream,
        }),*]
    };
}

/// All of them, for a server whose trunk lets in who calls anybody, and that has phones (401 to REGISTER). Where the
/// RFC leaves a choice it is said which one was made.
pub const RFC_4475: &[Torture] = torture! {
    // §3.1.1: strange, and to be understood. Its To has a tag: it is of a call that nobody knows.
    wsinv [481] [481];
    intmeth [501] [501];
    esc01 [180] [180];
    escnull [401] [401];
    // No method is written with escapes.
    esc02 [501] [501];
    lwsdisp [200] [200];
    longreq [180] [180];
    // What is behind the first request is no part of the datagram's message; on a stream it is the next one, which
    // has no Contact.
    dblreq [401] [401, 400];
    semiuri [200] [200];
    transports [200] [200];
    mpart01 [405] [405];
    unreason [] [];
    noreason [] [];
    // §3.1.2: invalid.
    badinv01 [400] [400];
    // On a stream the rest may come yet.
    clerr [400] [];
    ncl [400] [400];
    scalar02 [400] [400];
    scalarlg [] [];
    quotbal [400] [400];
    ltgtruri [400] [400];
    lwsruri [400] [400];
    lwsstart [400] [400];
    trws [400] [400];
    // "An element could choose to be liberal": the headers in the URI are ignored.
    escruri [180] [180];
    // The same for a date that nobody here reads.
    baddate [180] [180];
    // Who it is comes before what it wants.
    regbadct [401] [401];
    // Liberal: blanks within the brackets.
    badaspec [200] [200];
    baddn [400] [400];
    badvers [505] [505];
    mismatch01 [400] [400];
    mismatch02 [400] [400];
    bigcode [] [];
    // §3.2: as of RFC 2543, which had no branches.
    badbranch [200] [200];
    // §3.3: what the application has to notice.
    insuf [400] [400];
    unkscm [416] [416];
    novelsc [416] [416];
    unksm2 [401] [401];
    bext01 [420] [420];
    invut [415] [415];
    regaut01 [401] [401];
    multi01 [400] [400];
    mcl01 [400] [400];
    bcast [] [];
    // Nobody forwards it: there is no hop to be left.
    zeromf [200] [200];
    cparam01 [401] [401];
    cparam02 [401] [401];
    regescrt [401] [401];
    sdp01 [406] [406];
    // §3.4: of RFC 2543, with neither tag nor Contact. On a stream it would have to say how long it is.
    inv2543 [180] [400];
};
