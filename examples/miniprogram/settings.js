module.exports = {
  // The address of your Worker. This is what `npm start` in the root of this repository serves.
  worker: 'http://127.0.0.1:8787',
};
