import type { Client } from '@it0/client/client';
import { createScope } from '@it0/client/react/create-scope';
import { useEffect, useState } from 'react';

type Auth = Pick<Client['auth'], 'ways' | 'signIn' | 'verifyCode' | 'requestReset'>;
type Methods = Awaited<ReturnType<Auth['ways']['query']>>;

/** Requests of a guest, and what follows a sign-in. The sign-in page has a smaller client than the others. */
export type Guest = { auth: Auth; onSignedIn(): Promise<void> };

export const [GuestScope, useGuest] = createScope<Guest>('GuestScope');

/** The server's methods do not change while it runs. */
let methods: Promise<Methods> | undefined;

/** Returns how people can sign in to this server, or undefined while it is unknown. */
export function useSignInMethods() {
  const { auth } = useGuest();
  const [known, setKnown] = useState<Methods>();
  useEffect(() => {
    let isCurrent = true;
    methods ??= auth.ways.query();
    methods.then(
      (value) => isCurrent && setKnown(value),
      () => {
        // The next form tries again.
        methods = undefined;
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [auth]);
  return known;
}
