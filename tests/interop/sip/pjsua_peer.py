"""PJSIP's user agent (PyPI: pjsua2-python), told by JSON lines what to do; it says what happens by lines `peer: …`."""

import json
import select
import sys
import time

import pjsua2 as pj

ASKED = json.loads(sys.argv[1])
TRANSPORTS = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP, "tls": pj.PJSIP_TRANSPORT_TLS}
calls, connect = [], []
state = {}


def say(text):
    print(f"peer: {text}", flush=True)


class Call(pj.Call):
    def onCallState(self, _):
        info = self.getInfo()
        say(f"state {info.stateText} {info.lastStatusCode}")
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            say("talks")
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            say("over")

    def onCallMediaState(self, _):
        # Not at once: the port is only about to be there.
        connect.append((time.time() + 0.2, self))

    def onDtmfDigit(self, prm):
        say(f"digit {prm.digit}")


def connect_media(call):
    # Kept for as long as what is in it is looked at: it is C++'s.
    info = call.getInfo()
    for place, media in enumerate(info.media):
        if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status != pj.PJSUA_CALL_MEDIA_NONE:
            audio = call.getAudioMedia(place)
            state["player"].startTransmit(audio)
            audio.startTransmit(state["recorder"])


class Account(pj.Account):
    def onRegState(self, prm):
        if prm.code == 200:
            say("registered")
        else:
            say(f"not registered: {prm.code} {prm.reason}")

    def onIncomingCall(self, prm):
        call = Call(self, prm.callId)
        calls.append(call)
        answer = pj.CallOpParam()
        answer.statusCode = 180
        call.answer(answer)
        say("rings")


def obey(account, what, more):
    call = calls[-1] if calls else None
    parameters = pj.CallOpParam(True)
    if what == "call":
        call = Call(account)
        calls.append(call)
        call.makeCall(more, parameters)
    elif what == "answer":
        parameters.statusCode = 200
        call.answer(parameters)
    elif what == "hold":
        call.setHold(parameters)
    elif what == "resume":
        parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
        call.reinvite(parameters)
    elif what == "press":
        call.dialDtmf(more)
    elif what == "hang_up":
        call.hangup(parameters)


def main():
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = 5
    config.logConfig.consoleLevel = 5
    config.uaConfig.threadCnt = 1
    config.medConfig.ecTailLen = 0
    # A tone is no speech to it, and would not be sent.
    config.medConfig.noVad = True
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.port = ASKED["port"]
    transport.boundAddress = "127.0.0.1"
    transport.publicAddress = "127.0.0.1"
    if ASKED["certified"]:
        transport.tlsConfig.certFile, transport.tlsConfig.privKeyFile = "certificate.pem", "key.pem"
    endpoint.transportCreate(TRANSPORTS[ASKED["transport"]], transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    state["player"] = pj.AudioMediaPlayer()
    state["player"].createPlayer("tone.wav")
    state["recorder"] = pj.AudioMediaRecorder()
    state["recorder"].createRecorder("heard.wav")
    account = Account()
    settings = pj.AccountConfig()
    settings.idUri = f"sip:{ASKED['extension'] or 'caller'}@127.0.0.1"
    settings.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    settings.mediaConfig.transportConfig.port = ASKED["port"] + 250
    if ASKED["srtp"]:
        settings.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
        settings.mediaConfig.srtpSecureSignaling = 0
    if ASKED["extension"]:
        settings.regConfig.registrarUri = f"sip:{ASKED['server']};transport={ASKED['transport']}"
        settings.regConfig.timeoutSec = 60
        credentials = pj.AuthCredInfo("digest", "*", ASKED["extension"], 0, ASKED["secret"])
        settings.sipConfig.authCreds.append(credentials)
    account.create(settings)
    say("started")
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], 0.05)
        try:
            while connect and connect[0][0] <= time.time():
                connect_media(connect.pop(0)[1])
            if ready:
                line = sys.stdin.readline()
                if not line:
                    return
                obey(account, *json.loads(line))
        except pj.Error as error:
            say(f"failed: {error.info()}")


main()
