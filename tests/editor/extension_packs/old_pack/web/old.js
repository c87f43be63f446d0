/** Made for another editor; where it runs, it leaves a trace. */

import { app } from '../../scripts/app.js';

window.otherEditorsScriptRan = true;
app.registerExtension({ name: 'old' });
