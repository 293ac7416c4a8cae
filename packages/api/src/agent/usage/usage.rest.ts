import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { PricedModel } from './model-price.ts';
import { Usage } from './usage.ts';

/** REST operations of the usage procedures. */
export const docs = {
  byDay: rest('GET /agent/usage', {
    operationId: 'listUsage',
    summary: 'List the tasks, tokens and durations of the agents you can see, by day and person',
    response: z.array(Usage),
    description: 'Includes your own tasks with iAgent. The latest day first.',
  }),
  prices: rest('GET /agent/usage/prices', {
    operationId: 'listModelPrices',
    summary: 'List the prices of the models that your organization uses',
    response: z.array(PricedModel),
  }),
};
