import { dbfs } from "./microphone";

/** Measures what arrives and is played: the sum of everybody whom this user hears. */
export class ReceivedLevel {
  private context: AudioContext | null = null;
  private analyser: AnalyserNode | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private readonly samples = new Float32Array(1024);

  constructor(private readonly stream: () => MediaStream | null) {}

  /** dBFS, −127 when nothing arrives. Follows a station that was opened anew. */
  level(): number {
    const stream = this.stream();
    if (stream !== this.source?.mediaStream) this.follow(stream);
    if (!this.analyser) return -127;
    this.analyser.getFloatTimeDomainData(this.samples);
    return dbfs(this.samples);
  }

  close(): void {
    this.follow(null);
    void this.context?.close();
    this.context = null;
  }

  private follow(stream: MediaStream | null): void {
    this.source?.disconnect();
    this.source = null;
    this.analyser = null;
    if (!stream) return;
    this.context ??= new AudioContext();
    void this.context.resume();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.analyser);
  }
}
