import { Id } from '@it0/contracts/ids';
import { createRootRoute, createRoute, createRouter, Link, Outlet } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { AgentsPage } from './agents/agents-page.tsx';
import { ChatPage } from './chat/chat-page.tsx';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { SignedIn } from './sign-in/signed-in.tsx';
import { useMe } from './sign-in/use-me.ts';
import { Button } from './ui/button.tsx';
import { Notice } from './ui/notice.tsx';

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const agentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'agents',
  component: () => (
    <SignedIn>
      <AgentsPage />
    </SignedIn>
  ),
});

const listRoute = createRoute({ getParentRoute: () => agentsRoute, path: '/' });

export const chatRoute = createRoute({
  getParentRoute: () => agentsRoute,
  path: '/agents/$instanceId',
  validateSearch: (search): { session?: string } => ({ session: Id.safeParse(search.session).data }),
  component: function Chat() {
    const { instanceId } = chatRoute.useParams();
    const { session } = chatRoute.useSearch();
    return <ChatPage key={instanceId} instanceId={instanceId} session={session} />;
  },
});

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): { reason?: string } => ({
    reason: typeof search.reason === 'string' ? search.reason : undefined,
  }),
  component: function SignIn() {
    const { data } = useMe();
    return <SignInPage reason={signInRoute.useSearch().reason} signedIn={data !== undefined} />;
  },
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([agentsRoute.addChildren([listRoute, chatRoute]), signInRoute]),
  defaultPreload: false,
  defaultErrorComponent: Broken,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function Broken() {
  const t = useTranslations('app');
  return (
    <Notice role="alert" title={t('broken')}>
      <p>{t('brokenBody')}</p>
      <Button onClick={() => location.reload()}>{t('retry')}</Button>
    </Notice>
  );
}

function NotFound() {
  const t = useTranslations('app');
  return (
    <Notice title={t('notFound')}>
      <Link to="/" className="text-accent underline">
        {t('back')}
      </Link>
    </Notice>
  );
}
