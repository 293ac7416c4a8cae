import type { AppRouter } from '@it0/api/router';
import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { takeFirstResponse } from './first-requests.ts';

/** Uses the response of a query that `sendFirstRequests` has sent. After a network error, the query is sent again. */
export const firstRequestsLink: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) => {
    const first = takeFirstResponse(op);
    if (!first) return next(op);
    return observable((observer) => {
      let stop = () => {};
      let isStopped = false;
      first.then(
        (response) => {
          if (isStopped) return;
          if (!isSuccess(response)) return observer.error(TRPCClientError.from(response as Failure));
          observer.next({ result: { type: 'data', data: response.result.data } });
          observer.complete();
        },
        () => {
          if (!isStopped) stop = next(op).subscribe(observer).unsubscribe;
        },
      );
      return () => {
        isStopped = true;
        stop();
      };
    });
  };

type Failure = Parameters<typeof TRPCClientError.from>[0];

const isSuccess = (response: unknown): response is { result: { data: unknown } } =>
  typeof response === 'object' && response !== null && 'result' in response;
