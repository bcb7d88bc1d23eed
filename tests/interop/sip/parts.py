"""What is played with each stack: who calls whom, who is heard by whom, and what has to hold then."""

import asyncio

from people import Server, Voice
from stacks import Baresip, Kamailio, Linphone, Pjsua

CALLER, AGENT, SUPERVISOR = 440, 660, 880
# A tone of 0.3 is -10.5 dBFS. Louder than the first it is there, softer than the second it is not.
HEARD_DB, UNHEARD_DB = -30.0, -50.0
# What was recorded before a hold is written some time after it.
SETTLE_S = 1.5
TRUNK_NAME = "sip.trunk.example"
NUMBER = "+4930123456"
PHONES = """
[telephony.phones]
networks = ["127.0.0.1"]
{digest}

[[telephony.phones.extensions]]
extension = "500"
user = "ana"
secret_file = "{secret}"
"""
TRUNK = """
[[telephony.trunks]]
name = "pbx"
peers = ["127.0.0.1"]
"""


class Scene:
    """What one part is played with; it ends all of it."""

    def __init__(self, http, folder, binary, place):
        self.http, self.folder, self.binary = http, folder, binary
        # Below those that the system gives to whoever wants any.
        self.port = self.sip_port = 21_000 + place * 400
        self.started, self.servers = [], []

    async def server(self, telephony, tls=False, host="127.0.0.1"):
        server = Server(self.binary, self.folder / "sotto", self.sip_port, self.sip_port + 150, host)
        self.servers.append(server)
        self.started.append(server)
        text = telephony.replace("{secret}", str(self.folder / "sotto" / "secret"))
        return await server.start(text, tls)

    def stack(self, kind, transport="udp", name=None):
        self.port += 20
        stack = kind(self.folder / (name or kind.name), self.port, transport)
        self.started.append(stack)
        return stack

    async def voice(self, server, username, hertz):
        voice = await Voice.account(self.http, server, username, hertz)
        return voice

    async def end(self):
        for it in reversed(self.started):
            await it.end()

    def faults(self):
        return [fault for server in self.servers for fault in server.faults()]


class Levels:
    """What was measured, and whether it is right."""

    def __init__(self):
        self.told = []

    async def heard(self, what, ear, hertz):
        level = await ear.hears(hertz)
        if level < HEARD_DB:
            raise RuntimeError(f"{what}: not heard, {level:.1f} dBFS ({self})")
        self.told.append(f"{what} {level:.0f} dBFS")

    async def again(self, what, stack, hertz):
        if await stack.hears_again(hertz) < HEARD_DB:
            raise RuntimeError(f"{what}: not heard again ({self})")
        self.told.append("heard again")

    async def unheard(self, what, ear, hertz):
        level = await ear.hears(hertz)
        if level > UNHEARD_DB:
            raise RuntimeError(f"{what}: HEARD, {level:.1f} dBFS ({self})")
        self.told.append(what)

    def __str__(self):
        return ", ".join(self.told)


class Part:
    kind, what = "", ""

    def __init__(self, stack, transport="udp", **more):
        self.stack, self.transport, self.more = stack, transport, more

    @property
    def title(self):
        return f"{self.stack.name} {self.kind} {self.by}"

    @property
    def by(self):
        return f"{self.transport.upper()}{', SRTP' if self.more.get('srtp') else ''}"


async def supervised(levels, supervisor, call, staff, customer):
    """Listen, whisper and barge: the customer hears the supervisor in the last one alone."""
    leg = (await supervisor.call("POST", f"/calls/{call}/legs", {"station": supervisor.station}))["leg"]
    change = lambda mode: supervisor.call("PUT", f"/calls/{call}/legs/{leg}", {"mode": mode})
    await levels.heard("listen: the supervisor hears the caller", supervisor, CALLER)
    await levels.unheard("the caller hears no supervisor", customer, SUPERVISOR)
    await change("whisper")
    await levels.heard("whisper: the agent hears the supervisor", staff, SUPERVISOR)
    await levels.unheard("the caller does not", customer, SUPERVISOR)
    await change("barge")
    await levels.heard("barge: the caller hears the supervisor", customer, SUPERVISOR)
    await supervisor.call("DELETE", f"/calls/{call}/legs/{leg}")


class Caller(Part):
    """It calls a queue, holds, goes on, and is hung up."""

    kind, what = "caller", "calls a queue, is supervised, holds"

    async def play(self, scene):
        server = await scene.server(TRUNK, tls=self.transport == "tls")
        address = server.sip_tls if self.transport == "tls" else server.sip
        agent, supervisor = [await scene.voice(server, *it) for it in (("bo", AGENT), ("sue", SUPERVISOR))]
        await agent.presence("ready")
        caller = scene.stack(self.stack, self.transport)
        await caller.start(address, hertz=CALLER, **self.more)
        await caller.call(f"sip:support@{address}")
        call = await agent.takes()
        await caller.talks()
        levels = Levels()
        await levels.heard("the agent hears the caller", agent, CALLER)
        await levels.heard("the caller the agent", caller, AGENT)
        await supervised(levels, supervisor, call, agent, caller)
        await caller.hold()
        await asyncio.sleep(SETTLE_S)
        await levels.unheard("held: the agent is not heard", caller, AGENT)
        await caller.resume()
        await levels.again("after the hold, the agent", caller, AGENT)
        await caller.hang_up()
        await agent.until("the call is over", lambda calls: not calls)
        await caller.call(f"sip:support@{address}")
        call = await agent.takes()
        await levels.heard("a second call: the agent hears the caller", agent, CALLER)
        await agent.call("POST", f"/calls/{call}/hangup")
        await caller.is_hung_up()
        return str(levels)


class Phone(Part):
    """It registers as an agent's telephone, takes a call, is whispered into, asks for help, holds, and is hung up."""

    kind, what = "phone", "registers, rings, is whispered into, asks for help by *4, holds"

    async def play(self, scene):
        server = await scene.server(PHONES.replace("{digest}", self.stack.digest))
        supervisor = await scene.voice(server, "sue", SUPERVISOR)
        phone = scene.stack(self.stack, self.transport)
        await phone.start(server.sip, extension="500", hertz=AGENT, **self.more)
        guest = await Voice.guest(scene.http, server, CALLER)
        placed = {"station": guest.station, "to": {"queue": "support"}, "caller": {"name": "Guest"}}
        call = (await guest.call("POST", "/calls", placed))["id"]
        await phone.rings()
        await phone.answer()
        await phone.talks()
        levels = Levels()
        await levels.heard("the caller hears the telephone", guest, AGENT)
        await levels.heard("the telephone the caller", phone, CALLER)
        await supervised(levels, supervisor, call, phone, guest)
        await phone.press("*4")
        await supervisor.until("help is asked for", lambda calls: any(it.get("help") for it in calls))
        levels.told.append("help asked for")
        await phone.hold()
        await asyncio.sleep(SETTLE_S)
        await levels.unheard("held: the caller is not heard", phone, CALLER)
        await phone.resume()
        await levels.again("after the hold, the caller", phone, CALLER)
        await guest.call("POST", f"/calls/{call}/hangup")
        await phone.is_hung_up()
        return str(levels)


class Called(Part):
    """An agent calls a number by it."""

    kind, what = "called", "an agent calls a number; it rings, is taken, is hung up"

    async def play(self, scene):
        peer = scene.stack(self.stack, self.transport)
        trunk = TRUNK + ('srtp = "required"\n' if self.more.get("srtp") else "") + (
            f'\n[telephony.trunks.outbound]\nserver = "127.0.0.1:{peer.port}"\ntransport = "{self.transport}"\n'
            f'prefixes = ["+49"]\ncaller = "+4930999999"\n'
        )
        if self.transport == "tls":
            authority = peer.certify(TRUNK_NAME)
            trunk += f'\n[telephony.trunks.tls]\nname = "{TRUNK_NAME}"\nca_file = "{authority}"\n'
        await peer.start("127.0.0.1", hertz=CALLER, **self.more)
        server = await scene.server(trunk, tls=self.transport == "tls")
        agent = await scene.voice(server, "bo", AGENT)
        await agent.presence("ready")
        await asyncio.sleep(1)
        call = (await agent.call("POST", "/calls/outbound", {"station": agent.station, "number": NUMBER}))["id"]
        await peer.rings()
        await peer.answer()
        levels = Levels()
        await peer.talks()
        await levels.heard("the agent hears who was called", agent, CALLER)
        await levels.heard("they hear the agent", peer, AGENT)
        await agent.call("POST", f"/calls/{call}/hangup")
        await peer.is_hung_up()
        return str(levels)


async def one_call(levels, caller, agent, uri, hang_up):
    """It is called, both are heard, it holds, goes on and is over. `hang_up`: by whom."""
    await caller.call(uri)
    call = await agent.takes()
    await caller.talks()
    await levels.heard("the agent hears the caller", agent, CALLER)
    await levels.heard("the caller the agent", caller, AGENT)
    await caller.hold()
    await asyncio.sleep(SETTLE_S)
    await levels.unheard("held", caller, AGENT)
    await caller.resume()
    await levels.again("after the hold, the agent", caller, AGENT)
    if hang_up == "caller":
        await caller.hang_up()
        await agent.until("the call is over", lambda calls: not calls)
    else:
        await agent.call("POST", f"/calls/{call}/hangup")
        await caller.is_hung_up()
    levels.told.append(f"the {hang_up} hangs up")


# A proxy knows by the address who calls it.
SOTTO_HOST = "127.0.0.3"


class BehindKamailio(Part):
    """Kamailio stands between the server, at an address of its own, and who calls (pjsua2)."""

    async def begin(self, scene, telephony):
        """Kamailio, the caller and the agent; `telephony` makes the server's configuration of Kamailio's address."""
        kamailio = scene.stack(Kamailio, self.transport)
        caller = scene.stack(Pjsua, self.transport)
        sotto = f"{SOTTO_HOST}:{scene.sip_port}"
        await kamailio.start(sotto, f"127.0.0.1:{caller.port}")
        await caller.start(sotto, hertz=CALLER)
        server = await scene.server(telephony(kamailio), host=SOTTO_HOST)
        agent = await scene.voice(server, "bo", AGENT)
        await agent.presence("ready")
        return kamailio, caller, agent


class Proxied(BehindKamailio):
    """A proxy with record-route between callers and the server, and between the server and whom it calls."""

    kind, what = "proxy", "in front, with record-route: calls in and out (pjsua2), hold, BYE from either side"

    def trunk(self, proxy):
        return (
            f'\n[[telephony.trunks]]\nname = "proxy"\npeers = ["{proxy.host}"]\n\n[telephony.trunks.outbound]\n'
            f'server = "{proxy.address}"\ntransport = "{self.transport}"\nprefixes = ["+49"]\n'
        )

    async def play(self, scene):
        proxy, caller, agent = await self.begin(scene, self.trunk)
        levels = Levels()
        for hang_up in ("caller", "agent"):
            await one_call(levels, caller, agent, f"sip:support@{proxy.address}", hang_up)
        placed = {"station": agent.station, "number": NUMBER}
        call = (await agent.call("POST", "/calls/outbound", placed))["id"]
        since = caller.said()
        await caller.rings()
        await caller.answer()
        await levels.heard("a call out: the agent hears who was called", agent, CALLER)
        await caller.hold()
        await asyncio.sleep(SETTLE_S)
        await levels.unheard("held", caller, AGENT)
        await caller.resume()
        await levels.again("after the hold, the agent", caller, AGENT)
        await agent.call("POST", f"/calls/{call}/hangup")
        await caller.says("peer: over", since)
        return str(levels)


class Line(BehindKamailio):
    """The server registers at a PBX as an agent's extension, and is called there."""

    kind, what = "line", "a line is registered there by digest, and called (pjsua2), hold, BYE from either side"

    def line(self, pbx):
        return (
            f'\n[[telephony.trunks]]\nname = "pbx"\npeers = ["{pbx.host}"]\n\n[[telephony.lines]]\ntrunk = "pbx"\n'
            f'servers = ["{pbx.address}"]\nextension = "200"\nsecret_file = "{{secret}}"\nuser = "bo"\n'
        )

    async def play(self, scene):
        pbx, caller, agent = await self.begin(scene, self.line)
        levels = Levels()
        for hang_up in ("caller", "agent"):
            await one_call(levels, caller, agent, f"sip:200@{pbx.address}", hang_up)
        return str(levels)


ALL = [
    Caller(Pjsua), Caller(Pjsua, "tcp"), Caller(Pjsua, "tls", srtp=True), Caller(Baresip), Caller(Baresip, "tcp"), Caller(Linphone), Caller(Linphone, "tcp"),
    Phone(Pjsua), Phone(Pjsua, "tcp"), Phone(Baresip), Phone(Baresip, "tcp"), Phone(Linphone), Phone(Linphone, "tcp"),
    Called(Pjsua), Called(Pjsua, "tcp"), Called(Pjsua, "tls", srtp=True),
    Proxied(Kamailio), Proxied(Kamailio, "tcp"), Line(Kamailio),
]
