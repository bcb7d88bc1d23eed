/** The widget's own look: it can't share the pages' tokens, for it stands on another site. */
export const STYLE = `
:host { all: initial; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; display: inline-flex; align-items: center;
gap: 8px; min-height: 48px; padding: 0 18px; border: 1px solid transparent; border-radius: 24px; background: #1d222c;
color: #fff; font: 500 15px/1.3 "IBM Plex Sans", "IBM Plex Sans JP", system-ui, sans-serif; cursor: pointer;
box-shadow: 0 4px 16px rgba(22,26,34,.28); }
button:hover { background: #333a47; }
button:focus-visible, iframe:focus-visible { outline: 2px solid #161a22; outline-offset: 2px;
box-shadow: 0 0 0 5px #fff; }
svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
stroke-linejoin: round; }
.badge { min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; background: #fff; color: #161a22;
font-size: 13px; font-weight: 600; line-height: 22px; text-align: center; }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.panel { position: fixed; right: 20px; bottom: 84px; z-index: 2147483000; width: 380px;
max-width: calc(100vw - 40px); height: 600px; max-height: calc(100vh - 104px); border-radius: 16px; overflow: hidden;
background: #fff; box-shadow: 0 12px 40px rgba(22,26,34,.28); }
iframe { display: block; width: 100%; height: 100%; border: 0; }
@media (prefers-color-scheme: dark) { button { background: #eceff4; color: #12161c; }
button:hover { background: #fff; } .badge { background: #12161c; color: #eceff4; } .panel { background: #151920; } }
@media (max-width: 480px) { .panel { inset: 0; width: 100%; max-width: none; height: 100%; max-height: none;
border-radius: 0; } .panel:not([hidden]) { z-index: 2147483001; } }
@media (prefers-reduced-motion: no-preference) { button { transition: background 120ms; }
.panel { animation: in 180ms cubic-bezier(.2,0,0,1); } }
@keyframes in { from { opacity: 0; transform: translateY(8px); } }
`;
