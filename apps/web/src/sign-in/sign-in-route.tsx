import { Navigate } from '@tanstack/react-router';
import type { ComponentProps } from 'react';
import { SignInPage } from './sign-in-page.tsx';
import { useMe } from './use-me.ts';

/** Sign-in page at its own address. Redirects users who are already signed in. */
export function SignInRoute(props: ComponentProps<typeof SignInPage>) {
  const me = useMe();
  if (me.data && !me.error) return <Navigate to="/" replace />;
  return me.isPending ? null : <SignInPage {...props} />;
}
