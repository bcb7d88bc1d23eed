# Thin: what each target does is in scripts/.
.PHONY: help run build test bench bench-media bench-peers quality lint fuzz interop setup
.DEFAULT_GOAL := help

help: ## What there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run: build ## Build, then start the server with three demo calls on 127.0.0.1:8080 (more options: ARGS="--demo 0")
	@exec target/release/media-server --demo 3 --sip 127.0.0.1:0 $(ARGS)

build: setup ## Everything in release: target/release/media-server with the pages inside
	@scripts/build.sh

setup: ## Install what building needs (Debian packages, npm packages); silent when all is there
	@scripts/setup.sh

test: ## All checks and tests, browser tests included; ends with one line of counts
	@scripts/test.sh

lint: ## Formatting, clippy, types and the rules of the house, without running a test
	@scripts/setup.sh tests && scripts/lint.sh

bench: setup ## The figures, by criterion
	@cargo bench -p sotto-benches

bench-media: build ## What a call costs: plain, listened to, whispered and barged into, mixed and by tracks (ARGS="--calls 25")
	@scripts/bench-media.sh $(ARGS)

bench-peers: build ## The same beside rtpengine and Janus from Debian's packages
	@scripts/bench-media.sh peers $(ARGS)

quality: setup ## How calls sound: PESQ-WB on recorded human speech, and what it costs
	@scripts/quality.sh

interop: setup ## Real WebRTC stacks and SIP user agents connect to a server and are heard: Chromium, Firefox, pion, baresip, Kamailio, … (ARGS=names of WebRTC stacks alone)
	@scripts/interop.sh $(ARGS)
	@[ -n "$(ARGS)" ] || scripts/interop-sip.sh

fuzz: setup ## Each fuzz target for FUZZ_SECONDS (default 20)
	@scripts/fuzz.sh
