import './no-eval.ts';
import './app.css';
import { sendFirstRequests } from './first-requests.ts';
import { findInitialLocale, loadLocale } from './i18n/locales.ts';

sendFirstRequests(location);
// In parallel. Only here, the language and the page are known.
const [locale, { renderApp }] = await Promise.all([
  loadLocale(findInitialLocale()),
  import('./app.tsx'),
  /^\/(agents\/.|assistant)/.test(location.pathname) && import('./chat/chat-routes.tsx'),
]);
renderApp(document.getElementById('root')!, locale);
