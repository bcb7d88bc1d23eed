// pion (Debian's golang-github-pion-webrtc.v3-dev): no codec; the tone's packets are sent as they are.
package main

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"os"
	"sync"
	"time"

	"github.com/pion/webrtc"
	"github.com/pion/webrtc/pkg/media"
)

func say(what map[string]any) {
	text, _ := json.Marshal(what)
	os.Stdout.Write(append(text, '\n'))
}

func must[T any](value T, err error) T {
	if err != nil {
		say(map[string]any{"failed": err.Error()})
		os.Exit(1)
	}
	return value
}

func main() {
	form := os.Args[1]
	configuration := webrtc.Configuration{}
	if form == "rsa" {
		key := must(rsa.GenerateKey(rand.Reader, 2048))
		configuration.Certificates = []webrtc.Certificate{*must(webrtc.GenerateCertificate(key))}
	}
	pc := must(webrtc.NewPeerConnection(configuration))
	if form == "video-and-data" {
		must(pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}))
	}
	opus := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	track := must(webrtc.NewTrackLocalStaticSample(opus, "audio", "peer"))
	must(pc.AddTrack(track))
	if form == "video-and-data" {
		must(pc.CreateDataChannel("notes", nil))
	}
	var lock sync.Mutex
	var heard []string
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			lock.Lock()
			heard = append(heard, base64.StdEncoding.EncodeToString(packet.Payload))
			if len(heard) > 200 {
				heard = heard[1:]
			}
			lock.Unlock()
		}
	})
	connected := make(chan bool)
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			close(connected)
		case webrtc.PeerConnectionStateFailed:
			say(map[string]any{"failed": "the connection"})
		}
	})
	gathered := webrtc.GatheringCompletePromise(pc)
	offer := must(pc.CreateOffer(nil))
	must(0, pc.SetLocalDescription(offer))
	<-gathered
	say(map[string]any{"offer": pc.LocalDescription().SDP, "version": os.Getenv("PION_VERSION")})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	var said struct{ Answer string }
	must(0, json.Unmarshal(lines.Bytes(), &said))
	must(0, pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: said.Answer}))
	<-connected
	say(map[string]any{"connected": true})
	go func() {
		var packets []string
		must(0, json.Unmarshal(must(os.ReadFile(os.Getenv("TONE"))), &packets))
		tick := time.NewTicker(20 * time.Millisecond)
		for index := 0; ; index++ {
			<-tick.C
			data := must(base64.StdEncoding.DecodeString(packets[index%len(packets)]))
			must(0, track.WriteSample(media.Sample{Data: data, Duration: 20 * time.Millisecond}))
		}
	}()
	lines.Scan()
	lock.Lock()
	say(map[string]any{"heard": true, "packets": heard})
	lock.Unlock()
	lines.Scan()
}
