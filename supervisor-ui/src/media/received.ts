import { dbfs } from "./microphone";

/** Measures what arrives and is played: the sum of everybody whom this user hears. */
export class ReceivedLevel {
  private context: AudioContext | null = null;
  private analyser: AnalyserNode | null = null;
  private sources: MediaStreamAudioSourceNode[] = [];
  private readonly samples = new Float32Array(1024);

  constructor(private readonly streams: () => MediaStream[]) {}

  /** dBFS, −127 when nothing arrives. Follows a station that was opened anew. */
  level(): number {
    const streams = this.streams();
    const isOther = streams.some((stream, place) => stream !== this.sources[place]?.mediaStream);
    if (isOther || streams.length !== this.sources.length) this.follow(streams);
    if (!this.analyser) return -127;
    this.analyser.getFloatTimeDomainData(this.samples);
    return dbfs(this.samples);
  }

  close(): void {
    this.follow([]);
    void this.context?.close();
    this.context = null;
  }

  private follow(streams: MediaStream[]): void {
    for (const source of this.sources) source.disconnect();
    this.sources = [];
    this.analyser = null;
    if (streams.length === 0) return;
    const context = (this.context ??= new AudioContext());
    void context.resume();
    const analyser = (this.analyser = context.createAnalyser());
    analyser.fftSize = 1024;
    // A source takes one track of a stream; what goes into one node is summed.
    this.sources = streams.map((stream) => context.createMediaStreamSource(stream));
    for (const source of this.sources) source.connect(analyser);
  }
}
