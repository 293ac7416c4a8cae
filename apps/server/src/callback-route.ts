import { type CallbackAnswer, takeCallback } from '@it0/api/agent/task/callback';
import { verifyCallbackToken } from '@it0/api/agent/task/callback-token';
import type { Services } from '@it0/api/context';
import { limits } from '@it0/contracts/limits';
import { json, type RequestHandler } from 'express';

const parse = json({ limit: limits.callbackBytes });

/**
 * Where bridges report. Public: the capability in the token is all it asks for, and it is checked before a byte of the
 * body is read.
 */
export const callbackRoute = (services: Services): RequestHandler[] => [
  async (request, response, next) => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const capability = token && (await verifyCallbackToken(services.keys, token));
    if (!capability) {
      answer({ status: 401, body: { reason: 'CALLBACK_TOKEN_INVALID' } });
      return;
    }
    parse(request, response, (error?: unknown) => {
      if (error) next(error);
      else takeCallback(services, capability, request.body).then(answer, next);
    });

    function answer({ status, body }: CallbackAnswer) {
      response.status(status).json(body);
    }
  },
];
