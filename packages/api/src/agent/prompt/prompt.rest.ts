import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { Prompt } from './prompt.ts';

/** REST operations of the prompt procedures. */
export const docs = {
  list: rest('GET /agent/prompts', {
    operationId: 'listPrompts',
    summary: 'List your saved prompts, and those shared with your organization',
    response: z.array(Prompt),
  }),
  create: rest('POST /agent/prompts', {
    operationId: 'createPrompt',
    summary: 'Save a prompt',
    response: Prompt,
    errors: ['TOO_MANY_PROMPTS'],
  }),
  update: rest('PUT /agent/prompts/{promptId}', {
    operationId: 'updatePrompt',
    summary: 'Change a saved prompt',
    response: Prompt,
    errors: ['PROMPT_NOT_FOUND'],
  }),
  remove: rest('DELETE /agent/prompts/{promptId}', {
    operationId: 'removePrompt',
    summary: 'Remove a saved prompt',
    errors: ['PROMPT_NOT_FOUND'],
  }),
};
