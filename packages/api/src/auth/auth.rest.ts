import { rest } from '../rest/rest.ts';
import { Me } from './me.ts';

/** REST operations of the auth procedures. */
export const docs = {
  me: rest('GET /auth/me', {
    operationId: 'getMe',
    summary: 'Get the current user and their permissions',
    response: Me,
  }),
};
