// The circuit is retried for as long as the page is open, at most every 15 s. A server that was restarted does not know the
// circuit any more: the page is loaded anew then, and its address holds what it showed.
const banner = document.getElementById("components-reconnect-modal");
banner?.addEventListener("components-reconnect-state-changed", event => {
  if (event.detail.state === "rejected") location.reload();
});

Blazor.start({
  circuit: {
    reconnectionOptions: { maxRetries: 100000, retryIntervalMilliseconds: retry => Math.min(1000 * 2 ** Math.min(retry, 4), 15000) },
  },
});
