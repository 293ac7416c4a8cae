/** Formats events as a stream. */
const toStream = (events: object[], end = '') =>
  events
    .map((event) => `${'type' in event ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`)
    .join('') + end;

const TEXT = 'OK';

const chunk = (delta: object, finish_reason: string | null) => ({
  ...{ id: 'answer', object: 'chat.completion.chunk', created: 0, model: 'none' },
  choices: [{ index: 0, delta, finish_reason }],
});
const completion = toStream([chunk({ role: 'assistant', content: TEXT }, null), chunk({}, 'stop')], 'data: [DONE]\n\n');

const usage = { input_tokens: 1, output_tokens: 1 };
const message = toStream([
  {
    type: 'message_start',
    message: {
      ...{ id: 'answer', type: 'message', role: 'assistant', model: 'none', content: [], usage },
      ...{ stop_reason: null, stop_sequence: null },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 1 } },
  { type: 'message_stop' },
]);

const part = { type: 'output_text', text: TEXT, annotations: [] };
const item = { id: 'answer', type: 'message', role: 'assistant' };
const done = { ...item, status: 'completed', content: [part] };
const created = { id: 'answer', object: 'response', created_at: 0, model: 'none', output: [] };
const place = { item_id: 'answer', output_index: 0, content_index: 0 };
const response = toStream(
  [
    { type: 'response.created', response: { ...created, status: 'in_progress' } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', ...place, delta: TEXT },
    { type: 'response.output_text.done', ...place, text: TEXT },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item: done },
    {
      type: 'response.completed',
      response: { ...created, status: 'completed', output: [done], usage: { ...usage, total_tokens: 2 } },
    },
  ].map((event, sequence_number) => ({ ...event, sequence_number })),
);

/** Returns a model's stream with the answer "OK", in the format of the API with this path. */
export const createShortAnswer = (path: string): string =>
  path.includes('/messages') ? message : path.includes('/responses') ? response : completion;
