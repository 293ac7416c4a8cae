import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import type { End, NewReport } from '../engine.ts';
import type { ModelFailure } from '../model-failure.ts';
import { toModelFailure } from './failure.ts';
import { type AgentEvent, type GatewayEvent, joinText } from './gateway-event.ts';
import { isLostTool, LOST_TOOLS } from './lost-tools.ts';
import { TextTracker } from './text-tracker.ts';
import { createToolCalls } from './tool-calls.ts';

/** The reports of an event, and the end of the task if the event is the last one. */
export type Translation = { reports: NewReport[]; end?: End };

/** Translates the gateway events of one task to reports. The reply is one text across tool calls and runs. */
export class Translator {
  readonly #text = new TextTracker();
  readonly #calls = createToolCalls(() => this.text.length);
  #lastError: string | undefined;
  #isResumed = false;
  #hasLostTools = false;
  /** Attempts that failed since the model last responded. */
  #failedAttempts = 0;

  /** The reply so far. */
  get text() {
    return this.#text.text;
  }

  /** The last error that did not end the run. */
  get lastError() {
    return this.#lastError && head(this.#lastError, limits.detail);
  }

  translate(event: GatewayEvent): Translation {
    return event.event === 'chat' ? this.#translateChatEvent(event) : { reports: this.#translateAgentEvent(event) };
  }

  /** Continues with another run or connection. The reply is the text of earlier runs, then that of this run. */
  resume(previousText: string, currentText: string) {
    this.#isResumed = true;
    return this.#text.resume(previousText, currentText);
  }

  /** Resolves with a call's offset in the text. */
  findOffset(callId: string) {
    return this.#calls.findOffset(callId);
  }

  fail(detail: string, reason: ModelFailure['reason']): End {
    return { type: 'error', status: 'FAILED', reason, detail: head(detail, limits.detail), text: this.text };
  }

  #translateAgentEvent({ stream, data }: AgentEvent): NewReport[] {
    if (stream === 'item') {
      this.#failedAttempts = 0;
      this.#hasLostTools ||= this.#isResumed && isLostTool(data.error ?? '');
      return this.#calls.translate(data);
    }
    const { reason, detail } = toModelFailure({ errorMessage: data.error, errorDetail: data.errorObservation });
    this.#lastError = detail;
    this.#failedAttempts += 1;
    return [{ type: 'model-retry', reason, attempt: this.#failedAttempts }];
  }

  #translateChatEvent(event: GatewayEvent & { event: 'chat' }): Translation {
    const reply = joinText(event.message?.content);
    if (reply) this.#failedAttempts = 0;
    if (event.state === 'delta') return { reports: this.#text.setText(reply) };
    if (reply) this.#text.setText(reply);
    return { reports: [], end: this.#toEnd(event) };
  }

  #toEnd(event: GatewayEvent & { event: 'chat' }): End {
    if (event.state === 'final' && this.#hasLostTools) return this.fail(LOST_TOOLS, 'AGENT_ERROR');
    if (event.state === 'final') return { type: 'completed', text: this.text };
    if (event.state === 'aborted') return this.fail('The agent stopped before it finished.', 'AGENT_ERROR');
    const { reason, detail } = toModelFailure(event);
    return this.fail(detail, reason);
  }
}
