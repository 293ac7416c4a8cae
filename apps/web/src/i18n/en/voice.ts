export default {
  voice: {
    start: 'Dictate',
    finish: 'Finish dictation',
    starting: 'Opening the microphone…',
    recording: 'Recording',
    transcribing: 'Converting speech to text…',
    discard: 'Discard',
    empty: 'No speech was recorded. Check that the right microphone is selected.',
    failed: 'Your recording could not be converted to text: {reason}',
    failedFor: 'Your dictation for {name} could not be converted to text',
    addedTo: 'Your dictation was added to the draft for {name}',
    sentTo: 'Sent to {host}',
    scripted: 'Scripted text, since no speech recognition is configured',
    notConfigured: 'Dictation is not set up',
    notConfiguredBody: 'An administrator can set VOICE_STT_URL and VOICE_STT_KEY to an OpenAI-compatible service.',
    problem: {
      insecure: 'Browsers allow the microphone only over HTTPS or on localhost. Open this page at such an address.',
      refused: 'The browser blocks the microphone. Allow it for this page in the browser’s settings.',
      missing: 'No microphone was found.',
      busy: 'The microphone cannot be used. Another program may be using it.',
    },
  },
} as const;
