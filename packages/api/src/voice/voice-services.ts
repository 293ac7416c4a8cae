import type { SpeechLanguage } from '@it0/contracts/transcription';

/** Speech recognition. */
export type Transcriber = {
  /** Host that the speech is sent to; null for the scripted one, which answers on this machine. */
  host: string | null;
  /**
   * Returns the text of a WAV file. Rejects with TRANSCRIPTION_UNAVAILABLE, with `retryAfter` in seconds when the
   * provider is busy.
   */
  transcribe(wav: Uint8Array<ArrayBuffer>, language: SpeechLanguage, signal: AbortSignal): Promise<string>;
};

/** Dependencies of functions about speech. */
export type VoiceServices = {
  /** Null when speech recognition is not configured. */
  transcriber: Transcriber | null;
};
