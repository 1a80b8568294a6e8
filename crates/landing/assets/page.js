(function () {
  var open = document.getElementById('open');
  var help = document.getElementById('help');
  var copy = document.getElementById('copy');
  var timer;
  // A browser does not say whether an address of another app was followed: a page that is still seen after two
  // seconds was probably not left.
  function stay() {
    clearTimeout(timer);
  }
  if (open && help) {
    open.addEventListener('click', function () {
      stay();
      timer = setTimeout(function () {
        if (!document.hidden) help.open = true;
      }, 2000);
    });
    document.addEventListener('visibilitychange', stay);
    window.addEventListener('pagehide', stay);
  }
  if (copy) {
    copy.hidden = false;
    copy.addEventListener('click', function () {
      if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(say, select);
      else select();
    });
  }
  function select() {
    var address = document.getElementById('address');
    address.textContent = location.href;
    getSelection().selectAllChildren(address);
    if (document.execCommand('copy')) say();
  }
  function say() {
    document.getElementById('status').textContent = copy.getAttribute('data-done');
  }
})();
