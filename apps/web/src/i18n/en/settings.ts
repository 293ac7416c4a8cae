export default {
  settings: {
    title: 'Settings',
    body: 'These apply to this browser only. Your name, password and devices are in your <account>account</account>.',
    appearance: 'Appearance',
    theme: { label: 'Theme', system: 'Like the system', light: 'Light', dark: 'Dark' },
    text: { label: 'Text size', small: 'Small', normal: 'Normal', large: 'Large', larger: 'Larger' },
    language: 'Language',
    shortcuts: 'Keyboard shortcuts',
    keys: { label: 'Shortcuts of a single key, such as ? and /', on: 'On', off: 'Off' },
    notifications: 'Notifications',
    notificationsLabel: 'Desktop notifications for approvals while this page is in the background',
    notificationsDenied:
      'The browser blocks notifications of this page. Allow them in the browser’s settings for this site.',
    notificationsMissing: 'This browser has no notifications for this page. They need HTTPS, or localhost.',
    languageOfPage: 'Language of the app',
  },
} as const;
