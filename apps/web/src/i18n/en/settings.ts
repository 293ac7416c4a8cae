export default {
  settings: {
    title: 'Settings',
    body: 'These apply to this browser only. Your name, password and devices are in your <account>account</account>.',
    appearance: 'Appearance',
    theme: { label: 'Theme', system: 'Like the system', light: 'Light', dark: 'Dark' },
    text: { label: 'Text size', small: 'Small', normal: 'Normal', large: 'Large', larger: 'Larger' },
    language: 'Language',
    languageOfPage: 'Language of the app',
  },
} as const;
