//! SIPp as a peer: scenarios are written here, and run by the real program.

use std::fmt::Write;
use std::net::SocketAddr;
use std::process::Stdio;

use tokio::process::Command;

/// A session with G.711 alone, at SIPp's own media port, where nobody listens.
const SDP: &str = "\
v=0
o=sipp 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 0 101
a=rtpmap:101 telephone-event/8000
a=sendrecv
";

/// A port that nobody has at this moment.
pub fn free_port() -> u16 {
    let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

/// How messages travel.
#[derive(Clone, Copy, Debug)]
pub enum By {
    Udp,
    Tcp,
}

/// What one end of a call does, step by step.
#[derive(Clone, Default)]
pub struct Scenario {
    steps: String,
}

impl Scenario {
    /// INVITE with a session.
    pub fn invite() -> Self {
        Self::default().send("INVITE", 1, &with_sdp(SDP))
    }

    /// INVITE with more headers and this body.
    pub fn invite_with(headers: &str, sdp: Option<&str>) -> Self {
        let rest = sdp.map_or_else(|| "Content-Length: 0\n\n".to_owned(), with_sdp);
        Self::default().send("INVITE", 1, &format!("{headers}{rest}"))
    }

    /// Rings and is taken.
    pub fn answered(self) -> Self {
        self.may(100).expect(180).expect(200).ack(1)
    }

    /// A telephone registers for a minute, when it is asked by digest.
    pub fn register(extension: &str, secret: &str) -> Self {
        let contact = format!(
            "Contact: <sip:{extension}@[local_ip]:[local_port];transport=[transport]>;expires=60\n"
        );
        Self::default().registers(1, extension, &contact).expect_challenge().registers(
            2,
            extension,
            &format!("{contact}[authentication username={extension} password={secret}]\n"),
        )
    }

    fn registers(mut self, sequence: u32, extension: &str, rest: &str) -> Self {
        let _ = write!(
            self.steps,
            "<send retrans=\"500\"><![CDATA[\n\
             REGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport\n\
             From: <sip:{extension}@[remote_ip]>;tag=[pid]R[call_number]\n\
             To: <sip:{extension}@[remote_ip]>\n\
             Call-ID: [call_id]\nCSeq: {sequence} REGISTER\nMax-Forwards: 70\n\
             {rest}Content-Length: 0\n\n]]></send>\n"
        );
        self
    }

    fn expect_challenge(mut self) -> Self {
        let _ = writeln!(self.steps, "<recv response=\"401\" auth=\"true\"/>");
        self
    }

    /// INVITE, and once more with a proof when it is asked for one.
    pub fn invite_proving(username: &str, secret: &str) -> Self {
        let proof = format!("[authentication username={username} password={secret}]\n");
        let asked = Self::invite().expect_challenge().ack_refusal(1);
        asked.send("INVITE", 2, &format!("{proof}{}", with_sdp(SDP)))
    }

    /// Somebody registers, is asked who they are, and proves it by MD5; else SIPp waits in vain.
    pub fn registrar(username: &str, secret: &str) -> Self {
        let mut registrar = Self::default();
        let answer = |status: &str, rest: &str| {
            format!(
                "<send><![CDATA[\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=pbx\n\
                 [last_Call-ID:]\n[last_CSeq:]\n[last_Contact:]\n{rest}Content-Length: 0\n\n]]></send>\n"
            )
        };
        let asks =
            "WWW-Authenticate: Digest realm=\"pbx\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"\n";
        let _ = write!(
            registrar.steps,
            "<recv request=\"REGISTER\"/>\n{}<recv request=\"REGISTER\"><action>\
             <verifyauth assign_to=\"1\" username=\"{username}\" password=\"{secret}\"/></action></recv>\n\
             <nop test=\"1\" next=\"1\"/>\n<recv request=\"OPTIONS\"/>\n<label id=\"1\"/>\n{}",
            answer("401 Unauthorized", asks),
            answer("200 OK", ""),
        );
        registrar
    }

    /// Waits at this port for one peer, and panics if it goes otherwise.
    pub async fn play_at(&self, port: u16) {
        let port = port.to_string();
        self.run(&["-t", "u1", "-p", &port, "-m", "1", "-timeout", "20s"], None).await;
    }

    /// A call comes in, rings for a moment, is answered, and hung up after a while.
    pub fn called(pause_ms: u32) -> Self {
        let mut called = Self::default();
        let answer = |status: &str, rest: &str| {
            format!(
                "<send><![CDATA[\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=desk\n\
                 [last_Call-ID:]\n[last_CSeq:]\n\
                 Contact: <sip:desk@[local_ip]:[local_port];transport=[transport]>\n{rest}]]></send>\n"
            )
        };
        let header = |name: &str, variable: u32| {
            format!(
                "<ereg regexp=\".*\" search_in=\"hdr\" header=\"{name}:\" assign_to=\"{variable}\"/>"
            )
        };
        let _ = write!(
            called.steps,
            "<recv request=\"INVITE\"><action>{}{}</action></recv>\n{}<pause milliseconds=\"200\"/>\n\
             {}<recv request=\"ACK\"/>\n<pause milliseconds=\"{pause_ms}\"/>\n\
             <send retrans=\"500\"><![CDATA[\nBYE sip:[remote_ip]:[remote_port] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport\n\
             From:[$2];tag=desk\nTo:[$1]\nCall-ID: [call_id]\nCSeq: 1 BYE\nMax-Forwards: 70\n\
             Content-Length: 0\n\n]]></send>\n<recv response=\"200\"/>\n",
            header("From", 1),
            header("To", 2),
            answer("180 Ringing", "Content-Length: 0\n\n"),
            answer("200 OK", &with_sdp(SDP)),
        );
        called
    }

    /// A request outside or within the call.
    pub fn send(mut self, method: &str, sequence: u32, rest: &str) -> Self {
        let branch = match method {
            // Both belong to the INVITE's transaction, or to that of its refusal.
            "INVITE" | "CANCEL" => {
                "z9hG4bKinv[pid]x[call_number]x".to_owned() + &sequence.to_string()
            }
            _other => "[branch]".to_owned(),
        };
        // A request with a proof is a new one, and there is no dialog yet (RFC 3261 §8.1.3.5).
        let begins = sequence == 1 || rest.starts_with("[authentication");
        let to = if method == "CANCEL" || (method == "INVITE" && begins) {
            ""
        } else {
            "[peer_tag_param]"
        };
        let _ = write!(
            self.steps,
            "<send retrans=\"500\"><![CDATA[\n\
             {method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch};rport\n\
             From: \"Marek Novak\" <sip:+420601555014@[local_ip]:[local_port]>;tag=[pid]S[call_number]\n\
             To: <sip:[service]@[remote_ip]:[remote_port]>{to}\n\
             Call-ID: [call_id]\n\
             CSeq: {sequence} {method}\n\
             Contact: <sip:+420601555014@[local_ip]:[local_port];transport=[transport]>\n\
             Max-Forwards: 70\n\
             {rest}]]></send>\n"
        );
        if method == "ACK" || method == "CANCEL" {
            // Not repeated: nothing answers it, or its own 200 does.
            self.steps = self.steps.replacen(
                "<send retrans=\"500\"><![CDATA[\nACK",
                "<send><![CDATA[\nACK",
                1,
            );
        }
        self
    }

    pub fn ack(self, sequence: u32) -> Self {
        self.send("ACK", sequence, "Content-Length: 0\n\n")
    }

    /// ACK with the answer to an offer.
    pub fn ack_with_answer(self, sequence: u32) -> Self {
        self.send("ACK", sequence, &with_sdp(SDP))
    }

    /// Confirms a refusal, in its INVITE's transaction.
    pub fn ack_refusal(mut self, sequence: u32) -> Self {
        self = self.ack(sequence);
        let branch = format!("z9hG4bKinv[pid]x[call_number]x{sequence}");
        let at = self.steps.rfind("branch=[branch]").expect("an ACK");
        self.steps.replace_range(at..at + "branch=[branch]".len(), &format!("branch={branch}"));
        self
    }

    pub fn bye(self, sequence: u32) -> Self {
        self.send("BYE", sequence, "Content-Length: 0\n\n").expect(200)
    }

    pub fn cancel(self) -> Self {
        self.send("CANCEL", 1, "Content-Length: 0\n\n")
    }

    /// Another session, as on hold.
    pub fn reinvite(self, sequence: u32, sdp: &str) -> Self {
        self.send("INVITE", sequence, &with_sdp(sdp)).may(100).expect(200).ack(sequence)
    }

    pub fn expect(mut self, status: u16) -> Self {
        let _ = writeln!(self.steps, "<recv response=\"{status}\"/>");
        self
    }

    /// One that need not come.
    pub fn may(mut self, status: u16) -> Self {
        let _ = writeln!(self.steps, "<recv response=\"{status}\" optional=\"true\"/>");
        self
    }

    /// An answer that has this in it.
    pub fn expect_with(mut self, status: u16, pattern: &str) -> Self {
        let _ = writeln!(
            self.steps,
            "<recv response=\"{status}\"><action><ereg regexp=\"{pattern}\" search_in=\"msg\" \
             check_it=\"true\" assign_to=\"1\"/></action></recv>"
        );
        self
    }

    /// The server hangs up.
    pub fn expect_bye(mut self) -> Self {
        let _ = writeln!(
            self.steps,
            "<recv request=\"BYE\"/>\n<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n\
             [last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>"
        );
        self
    }

    pub fn pause_ms(mut self, ms: u32) -> Self {
        let _ = writeln!(self.steps, "<pause milliseconds=\"{ms}\"/>");
        self
    }

    fn xml(&self) -> String {
        let variables = match self.steps.contains("assign_to") {
            true => "<Reference variables=\"1\"/>\n",
            false => "",
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"sotto\">\n{}{variables}</scenario>\n",
            self.steps
        )
    }

    /// Plays it once, and panics with what SIPp says if it goes otherwise.
    pub async fn play(&self, server: SocketAddr, service: &str, by: By) {
        self.play_many(server, service, by, 1).await;
    }

    /// Plays it so often, ten times in a second.
    pub async fn play_many(&self, server: SocketAddr, service: &str, by: By, calls: u32) {
        self.play_beside(server, service, (by, calls), None).await;
    }

    /// The same, and `called` with whoever calls meanwhile.
    pub async fn play_beside(
        &self,
        server: SocketAddr,
        service: &str,
        (by, calls): (By, u32),
        called: Option<&Self>,
    ) {
        let transport = match by {
            By::Udp => "u1",
            By::Tcp => "t1",
        };
        let (calls, server) = (calls.to_string(), server.to_string());
        // What is proved is proved for what is called (SIPp names the server alone by default).
        let called_uri = format!("{service}@{server}");
        let many = ["-s", service, "-t", transport, "-m", &calls, "-r", "10", "-timeout", "60s"];
        let proves: &[&str] = match self.steps.contains("CSeq: 1 INVITE") {
            true => &["-auth_uri", &called_uri],
            // REGISTER is for the server.
            false => &[],
        };
        self.run(&[&many[..], proves, &[&server]].concat(), called).await;
    }

    async fn run(&self, arguments: &[&str], called: Option<&Self>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("scenario.xml"), self.xml()).unwrap();
        if let Some(called) = called {
            std::fs::write(folder.path().join("called.xml"), called.xml()).unwrap();
        }
        let run = Command::new("sipp")
            .args(["-sf", "scenario.xml", "-i", "127.0.0.1", "-timeout_error", "-nostdin"])
            .args(called.map_or(&[][..], |_| &["-oocsf", "called.xml"]))
            .args(["-trace_err", "-error_file", "errors.log"])
            .args(["-trace_msg", "-message_file", "messages.log"])
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .output()
            .await
            .expect("SIPp, which scripts/setup.sh tests installs");
        let read =
            |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        assert!(
            run.status.success(),
            "SIPp with {arguments:?} ended with {}:\n{}\n{}\n{}",
            run.status,
            String::from_utf8_lossy(&run.stderr),
            read("errors.log"),
            read("messages.log"),
        );
    }
}

fn with_sdp(sdp: &str) -> String {
    format!("Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}")
}

/// The same session, with this direction or address instead.
pub fn changed_sdp(from: &str, to: &str) -> String {
    let changed = SDP.replace("o=sipp 1 1", "o=sipp 1 2").replace(from, to);
    assert!(changed.contains(to));
    changed
}
