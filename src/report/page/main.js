// The page, in reading order. Each part leaves itself out if the study has nothing for it.

import { data } from './data.js';
import { element } from './dom.js';
import { header } from './header.js';
import { progress } from './progress.js';
import { summaryTable } from './summary_table.js';
import { claims } from './claims.js';
import { severityCurves } from './severity_curves.js';
import { costScatter } from './cost_scatter.js';
import { search } from './search.js';
import { faultHeatmap } from './fault_heatmap.js';
import { confusion } from './confusion.js';
import { clipRates } from './clip_rates.js';
import { diagnosis } from './diagnosis.js';
import { agreement, targets } from './small_tables.js';
import { trainings } from './trainings.js';
import { provenance } from './provenance.js';

header();
progress();
if (data.variants.length > 0) {
  summaryTable();
  claims();
  severityCurves();
  costScatter();
  search();
  faultHeatmap();
  confusion();
  clipRates();
  diagnosis();
  agreement();
  targets();
  trainings();
}
provenance();
document.getElementById('footer').append(element('p', {}, `Made by edgeproof ${data.version}. This file is complete: it opens without a network.`));
