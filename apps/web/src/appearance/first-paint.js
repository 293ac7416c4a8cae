// Applies the theme and the text size chosen in this browser before the first paint. A classic script in the head, since
// modules run later, and the content security policy forbids inline scripts.
try {
  for (const name of ['theme', 'text']) {
    const value = localStorage.getItem(`it0.${name}`);
    if (value) document.documentElement.dataset[name] = value;
  }
} catch {
  // Without storage, the page follows the system.
}
