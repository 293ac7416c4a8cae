import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { Member } from './member.ts';

/** REST operations of the member procedures. */
export const docs = {
  list: rest('GET /auth/members', {
    operationId: 'listMembers',
    summary: 'List the members of your organization',
    response: z.array(Member),
  }),
};
