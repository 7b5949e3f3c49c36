// The report page in a real browser: node page_test.mjs path/to/report_example
//
// Opens the example report, and changed copies of it, in headless Chromium and checks what a reader would
// see: that nothing is asked of any network, nothing is written to the console, every chart has its marks,
// tables say what the data says, buttons do what they say, and nothing overflows a phone. Exit status 77:
// skipped, because the browser or its driver is not installed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const skipped = (why) => {
  console.log(`SKIPPED: the report page was not looked at in a browser: ${why}`);
  process.exit(77);
};
const browserPath = process.env.EDGEPROOF_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(browserPath)) skipped(`${browserPath} is not there (apt install chromium, or set EDGEPROOF_CHROMIUM)`);
const { chromium } = await import('playwright-core').catch(() => skipped('playwright-core is not installed (npm ci)'));

const folder = mkdtempSync(join(tmpdir(), 'edgeproof-page-'));
const html = execFileSync(process.argv[2], { encoding: 'utf8', maxBuffer: 1 << 26 });
const dataPattern = /(<script type="application\/json" id="data">)([^<]*)/;
const example = JSON.parse(html.match(dataPattern)[2]);

// The example report after `change` has been made to its data.
function reportWith(name, change = () => {}, page = html) {
  const data = structuredClone(example);
  change(data);
  const path = join(folder, `${name}.html`);
  writeFileSync(path, page.replace(dataPattern, (_, open) => open + JSON.stringify(data).replaceAll('<', '\\u003c')));
  return { url: pathToFileURL(path).href, data };
}

const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

// Opens a report, waits for its charts if it has any, runs `look`, and fails on whatever the page complained about or asked for.
async function open(report, look, { width = 1280, colorScheme = 'light', hasCharts = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, acceptDownloads: true });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => { complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => {
    if (request.url() !== report.url && !/^(data|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(report.url);
  await page.waitForSelector('#footer p', { state: 'attached' });
  if (hasCharts) await drawn(page);
  await look(page, report.data);
  assert.deepEqual(complaints, []);
  await context.close();
}

const drawn = (page) => page.waitForFunction(() => [...document.querySelectorAll('.drawing')].every((d) => d.querySelector('svg')));
const countIn = (page, chart, marks) => page.locator(`[data-chart=${chart}] .drawing svg ${marks}`).count();
const rowsOf = (page, selector) => page.$$eval(`${selector} tbody tr`, (rows) => rows.map((row) =>
  [...row.children].map((cell) => [...cell.querySelectorAll('.variant-name > span:not(.tag):not(.swatch), .estimate, .range')].map((e) => e.textContent.trim()).join(' ') || cell.textContent.trim())));
const firstCells = async (page, selector) => (await rowsOf(page, selector)).map((row) => row[0]);
// The table of variants, without the row of the baseline that stands last.
const variantRows = async (page) => (await rowsOf(page, '#summary [aria-label^="Accuracy, robustness"]')).filter((row) => row[0] !== 'majority_class');
// Expected text is made here again, not with the page's own functions.
const percentOf = (x) => (100 * x).toFixed(1);
const estimateOf = ([value, lo, hi]) => `${percentOf(value)} [${percentOf(lo)}, ${percentOf(hi)}]`;

const tests = {
  async everyChartHasItsMarks() {
    await open(reportWith('example'), async (page, data) => {
      const variants = data.variants.length;
      const faults = data.faults.filter((f) => f.not_applicable === '').length;
      const int8 = data.variants.find((v) => v.layers.length > 0);
      assert.equal(await countIn(page, 'severity', '.mark-line.role-mark path'), variants * faults);
      assert.equal(await countIn(page, 'severity', '.mark-area.role-mark path'), variants * faults);
      assert.equal(await countIn(page, 'severity', '.mark-symbol.role-mark path'), variants * faults * 6);
      assert.equal(await countIn(page, 'cost', '.mark-symbol.role-mark path'), variants);
      assert.equal(await countIn(page, 'cost', '.mark-text.role-mark text'), variants);
      assert.equal(await countIn(page, 'faults', '.mark-rect.role-mark path'), variants * (faults + 1));
      assert.equal(await countIn(page, 'confusion', '.mark-rect.role-mark path'), data.dataset.classes.length ** 2);
      assert.equal(await countIn(page, 'clipping', '.mark-rect.role-mark path'), faults * 6 * int8.layers.length);
      assert.equal(await countIn(page, 'diagnosis', '.mark-rect.role-mark path'), (faults + 1) * int8.layers.length);
      const curves = data.trainings.flatMap((t) => t.curves);
      assert.equal(await countIn(page, 'training', '.mark-line.role-mark path'), 2 * curves.length);
      assert.equal(await countIn(page, 'training', '.mark-symbol.role-mark path'), curves.length);
      assert.equal(await countIn(page, 'search', '.mark-symbol.role-mark path'), data.trials.length);
      for (const label of await page.$$eval('.drawing > [role=img]', (all) => all.map((e) => e.getAttribute('aria-label')))) {
        assert.ok(label.length > 40, label);
        assert.doesNotMatch(label, /undefined|NaN/);
      }
      assert.doesNotMatch(await page.innerText('main'), /undefined|NaN|null/);
    });
  },

  async aRunningStudySaysHowFarItIs() {
    const running = (data) => {
      data.progress = { as_of: Date.now() / 1000 - 5, seconds_left: 200, running: ['training of train seed 2'],
        jobs: [{ kind: 'training', done: 3, total: 12 }, { kind: 'evaluation', done: 0, total: 520 }] };
    };
    await open(reportWith('running', running), async (page, data) => {
      assert.match(await page.innerText('#progress'), /Written at .*; this page reloads itself\. About 3 min left\.\s+Now: training of train seed 2\./);
      assert.deepEqual((await rowsOf(page, '#progress')).map((row) => row.slice(0, 3)), [['training', '3', '12'], ['evaluation', '0', '520']]);
      assert.equal(await countIn(page, 'cost', '.mark-symbol.role-mark path'), data.variants.length);
      const reloaded = page.waitForEvent('load', { timeout: 30000 });
      await reloaded;
    });
    const empty = (data) => {
      running(data);
      for (const [name, value] of Object.entries(data)) if (Array.isArray(value) && name !== 'seeds' && name !== 'machine') data[name] = [];
    };
    await open(reportWith('empty', empty), async (page) => {
      assert.deepEqual(await page.$$eval('main > section', (all) => all.map((s) => s.id)), ['progress', 'provenance']);
      assert.doesNotMatch(await page.innerText('body'), /undefined|NaN|null|Variants/);
    });
    await open(reportWith('stopped', (data) => { running(data); data.progress.as_of -= 3600; }), async (page) => {
      assert.match(await page.innerText('#progress'), /and not since: the study may have been stopped/);
    });
    await open(reportWith('example'), async (page) => assert.equal(await page.locator('#progress').count(), 0));
  },

  async tablesSayWhatTheDataSays() {
    await open(reportWith('example'), async (page, data) => {
      const all = await rowsOf(page, '#summary [aria-label^="Accuracy, robustness"]');
      assert.deepEqual(all.at(-1).slice(0, 4), ['majority_class', '18.2', '5.1', '18.2']);
      const rows = await variantRows(page);
      assert.deepEqual(rows.map((row) => row.slice(0, 4)), data.variants.map((v) =>
        [v.name, estimateOf(v.clean_accuracy), estimateOf(v.macro_f1), estimateOf(v.robust_accuracy)]));
      assert.deepEqual(rows.map((row) => row[4]), data.variants.map((v) => `${v.worst_fault} ${estimateOf(v.worst_fault_accuracy)}`));
      assert.deepEqual(rows.map((row) => row[5].split(' ')[0]), data.variants.map((v) => v.mfe[0].toFixed(3)));
      const controls = await page.$$eval('#summary tr.control .variant-name > span:nth-child(2)', (all) => all.map((e) => e.textContent).filter((name) => name !== 'baseline'));
      assert.deepEqual(controls, data.variants.filter((v) => v.control).map((v) => v.name));

      const never = data.fault_summaries.filter((s) => s.breaking_point[0] === 'beyond');
      const points = (await rowsOf(page, '#breaking-points')).flatMap((row) => row.slice(1));
      assert.equal(points.length, data.fault_summaries.length);
      assert.equal(points.filter((text) => text.startsWith('5+')).length, never.length);
      assert.equal((await rowsOf(page, '#agreement')).length, data.agreements.length);
      assert.match(await page.innerText('#severity'), /rotation \(no declared triad\)/);
      assert.equal(await page.textContent('#configuration code'), data.config_toml);
      assert.ok((await page.textContent('#provenance')).includes(data.dataset.checksum));
    });
  },

  async claimsSayTheirVerdictInWords() {
    await open(reportWith('example'), async (page, data) => {
      const rows = await rowsOf(page, '#claims');
      assert.equal(rows.length, data.claims.length);
      assert.ok(rows.every((row, i) => row[0].includes(data.claims[i].verdict) && row[1].includes(data.claims[i].check)));
      assert.deepEqual(rows.map((row) => row[4]), data.claims.map((c) => c.difference.replace(/( \[.*\])( points)/, '$2$1') || c.reason));
      assert.match(await page.innerText('#claims > p'), /^2 supported, 1 contradicted, 1 undecided, 1 not applicable\./);
    });
    await open(reportWith('unclaimed', (data) => { data.claims = []; }), async (page) => {
      assert.equal(await page.locator('#claims').count(), 0);
    });
  },

  async columnsSortBothWaysAndBack() {
    await open(reportWith('example'), async (page, data) => {
      const box = '#summary [aria-label^="Accuracy, robustness"]';
      const names = (variants) => variants.map((v) => v.name);
      const descending = names([...data.variants].sort((a, b) => b.robust_accuracy[0] - a.robust_accuracy[0]));
      const head = page.locator(`${box} thead th`).nth(3);
      await head.locator('button').click();
      assert.equal(await head.getAttribute('aria-sort'), 'descending');
      assert.deepEqual((await variantRows(page)).map((row) => row[0]), descending);
      await head.locator('button').click();
      assert.deepEqual((await variantRows(page)).map((row) => row[0]), descending.reverse());
      await head.locator('button').click();
      assert.equal(await head.getAttribute('aria-sort'), null);
      assert.deepEqual((await variantRows(page)).map((row) => row[0]), names(data.variants));
    });
  },

  async onlyABestThatStandsApartIsBold() {
    const bold = (page) => page.$$eval('#summary td.best', (all) => all.map((e) =>
      `${e.closest('tr').querySelector('.variant-name > span:nth-child(2)').textContent} ${e.cellIndex}`));
    await open(reportWith('tied'), async (page) => assert.deepEqual(await bold(page), []));
    await open(reportWith('apart', (data) => {
      data.variants[4].clean_accuracy = [0.99, 0.985, 0.995];
      data.variants[5].mfe = [0.2, 0.19, 0.21];
      data.variants[6].relative_mfe = [0.2, 0.19, 0.5];  // best, but its interval meets others
    }), async (page) => assert.deepEqual(await bold(page), ['qat_int8 1', 'pruned_int8 5']));
  },

  async everyMetricOfTheListIsAColumn() {
    await open(reportWith('metrics', (data) => {
      data.metrics.push({ key: 'novelty', title: 'share of news', meaning: 'New', is_share: true, higher_is_better: false, names_fault: false });
      data.variants.forEach((v, i) => { v.novelty = i === 2 ? [0.01, 0.005, 0.02] : [0.5, 0.4, 0.6]; });
      data.error_free_faults = ['bias', 'drift'];
    }), async (page, data) => {
      const shown = data.metrics.filter(({ key }) => data.variants.some((v) => v[key][0] !== null));
      const box = '#summary [aria-label^="Accuracy, robustness"]';
      const heads = await page.$$eval(`${box} thead th`, (all) => all.map((e) => e.textContent));
      assert.deepEqual(heads.slice(1, 1 + shown.length), shown.map(({ title, is_share: share }) =>
        (title === 'mFE' ? title : title[0].toUpperCase() + title.slice(1)) + (share ? ', %' : '')));
      assert.deepEqual((await variantRows(page)).map((row) => row[shown.length]), data.variants.map((v) => estimateOf(v.novelty)));
      assert.deepEqual(await page.$$eval(`${box} td.best`, (all) => all.map((e) => [e.parentElement.rowIndex, e.cellIndex])), [[3, shown.length]]);
      assert.match(await page.innerText('#summary'), /mFE leaves out bias, drift: fp32 makes no error there/);
    });
    await open(reportWith('example'), async (page) => assert.doesNotMatch(await page.innerText('#summary'), /leaves out/));
  },

  async theThemeFollowsTheSystemAndTheButton() {
    const look = (page) => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]);
    await open(reportWith('example'), async (page) => {
      const light = await look(page);
      assert.equal(light[0], 'light');
      await page.click('#theme');
      await page.waitForFunction(() => [...document.querySelectorAll('.drawing svg')].every((s) => s.outerHTML.includes('#a3acb7')));
      const dark = await look(page);
      assert.equal(dark[0], 'dark');
      assert.notEqual(dark[1], light[1]);
    });
    await open(reportWith('example'), async (page) => assert.equal((await look(page))[0], 'dark'), { colorScheme: 'dark' });
  },

  async aVariantCanBeHiddenInAllItsCharts() {
    await open(reportWith('example'), async (page, data) => {
      const left = data.variants.length - 1;
      await page.locator('#severity .variant').first().click();
      await page.waitForFunction((n) => document.querySelectorAll('[data-chart=cost] .mark-symbol.role-mark path').length === n, left);
      await page.waitForFunction((n) => document.querySelectorAll('[data-chart=severity] .mark-line.role-mark path').length === n, left * 5);
      assert.equal(await page.locator('#cost .variant').first().getAttribute('aria-pressed'), 'false');
      await page.click('#cost .legend >> text=All');
      await page.waitForFunction((n) => document.querySelectorAll('[data-chart=cost] .mark-symbol.role-mark path').length === n, left + 1);
    });
  },

  async whatTrainingsLackIsSaidBesideTheirCurves() {
    await open(reportWith('example'), async (page, data) => {
      const noted = data.trainings.filter((t) => t.notes.length > 0);
      assert.deepEqual(await page.$$eval('#training li', (all) => all.map((e) => e.textContent)), noted.flatMap((t) => t.notes.map((note) => `${note}.`)));
      const texts = await page.$$eval('[data-chart=training] .mark-text.role-mark text', (all) => all.map((e) => e.textContent));
      assert.deepEqual(texts, noted.map((t) => t.marks.join(', ')));
      assert.ok((await page.innerText('#training')).includes(data.training_lengths));
      await page.locator('#training select').selectOption('accuracy');
      const curves = data.trainings.flatMap((t) => t.curves).length;
      await page.waitForFunction((n) => document.querySelectorAll('[data-chart=training] .mark-line.role-mark path').length === n, curves);
      await page.click('#training summary');
      const rows = await rowsOf(page, '#training');
      assert.deepEqual(rows.map((row) => [row[1], row[2]]), data.trainings.map((t) => [t.variants.join(', '), String(t.curves[0].train_loss.length)]));
      const kept = data.trainings[0].curves.map((c) => c.validation_accuracy[c.kept_epoch - 1]);
      assert.equal(rows[0][6], percentOf(kept.reduce((a, b) => a + b) / kept.length));
    });
    const without = (data) => {
      for (const t of data.trainings) {
        Object.assign(t, { marks: [], notes: [] });
        for (const c of t.curves) { c.validation_loss.fill(null); c.validation_accuracy.fill(null); }
      }
    };
    await open(reportWith('unvalidated', without), async (page, data) => {
      const curves = data.trainings.flatMap((t) => t.curves).length;
      assert.equal(await countIn(page, 'training', '.mark-line.role-mark path'), curves);
      assert.equal(await countIn(page, 'training', '.mark-symbol.role-mark path'), curves);
      assert.equal(await page.locator('#training select').count(), 0);
      assert.equal(await page.locator('#training li').count(), 0);
    });
  },

  async costsOnDevicesAreAnAxis() {
    await open(reportWith('example'), async (page, data) => {
      const on = data.target_costs.filter((t) => t.target === 'cortex-m7').length;
      assert.ok(on > 1 && on < data.variants.length);
      await page.locator('#cost select').selectOption({ label: 'Instructions on cortex-m7' });
      await page.waitForFunction((n) => document.querySelectorAll('[data-chart=cost] .mark-symbol.role-mark path').length === n, on);
      assert.equal(await page.locator('#cost h3').first().textContent(), 'Robust accuracy against instructions on cortex-m7');
      await page.locator('#cost select').selectOption({ label: 'Latency on this machine' });
      await page.waitForFunction((n) => document.querySelectorAll('[data-chart=cost] .mark-symbol.role-mark path').length === n, data.variants.length);
    });
  },

  async selectorsChangeWhatIsShown() {
    await open(reportWith('example'), async (page, data) => {
      await page.locator('#confusion select').nth(0).selectOption('qat_int8_fa');
      await page.locator('#confusion select').nth(1).selectOption(JSON.stringify(['missing', 5]));
      const shown = data.results.find((r) => r.variant === 'qat_int8_fa' && r.fault === 'missing' && r.severity === 5);
      const counts = shown.confusion.flat().map((n) => n.toLocaleString('en-US'));
      await page.waitForFunction((expected) => JSON.stringify([...document.querySelectorAll('[data-chart=confusion] .mark-text.role-mark text')]
        .map((e) => e.textContent)) === expected, JSON.stringify(counts));
      const recall = (await rowsOf(page, '.classes')).map((row) => row[2]);
      assert.deepEqual(recall, shown.confusion.map((line, i) => percentOf(line[i] / line.reduce((a, b) => a + b))));
      await page.locator('#severity select').selectOption('flip_rate');
      await page.waitForFunction(() => document.querySelector('[data-chart=severity] h3').textContent.startsWith('Flip rate'));
    });
  },

  async theLayerMostToBlameIsNamed() {
    await open(reportWith('blame', (data) => {
      const of = (fault) => data.diagnoses.find((d) => d.variant === 'qat_int8' && d.fault === fault);
      Object.assign(of(''), { blamed: 2 });
      of('').alone_db[2] = 12.25;
      of('').alone_agreement[2] = 0.875;
      of(data.variants.find((v) => v.name === 'qat_int8').worst_fault).blamed = 6;
      of('bias').agreement = 0.1;
    }), async (page, data) => {
      const lines = await page.$$eval('.blame li', (all) => all.map((e) => e.textContent));
      assert.deepEqual(lines.map((line) => line.split(':')[0]), data.variants.filter((v) => v.layers.length > 0).map((v) => v.name));
      const line = lines.find((text) => text.startsWith('qat_int8:'));
      assert.match(line, /^qat_int8: clean, 99\.0 %, most to blame conv2 \(alone 87\.5 %, 12\.[23] dB\); under its worst fault, missing, severity 5 \([^)]*\), [\d.]+ %, most to blame dense \(alone .* dB\); where integers cost most, bias, severity 5 \([^)]*\), 10\.0 %, most to blame conv1 /);
      await page.locator('#diagnosis select').selectOption('qat_int8');
      await page.waitForFunction(() => document.querySelector('[data-chart=diagnosis] h3').textContent.endsWith('qat_int8'));
    });
  },

  async figuresAreSaved() {
    await open(reportWith('example'), async (page, data) => {
      for (const chart of await page.$$eval('figure', (all) => all.map((f) => f.dataset.chart))) {
        for (const [kind, begins] of [['SVG', '<svg'], ['PNG', '\u0089PNG'], ['CSV', 'variant,']]) {
          const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[data-chart=${chart}] .save >> text=${kind}`)]);
          const bytes = readFileSync(await download.path(), 'latin1');
          assert.match(download.suggestedFilename(), new RegExp(`^[\\w.-]+-${chart}\\.${kind.toLowerCase()}$`));
          if (kind === 'CSV' && chart === 'severity') {
            assert.equal(bytes.split('\r\n').length - 2, data.variants.length * 5 * 6);
          } else if (kind !== 'CSV') {
            assert.ok(bytes.startsWith(begins) && bytes.length > 5000, `${chart} ${kind}`);
          }
        }
      }
    });
  },

  async nothingOverflowsAPhone() {
    await open(reportWith('example'), async (page) => {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');
      assert.deepEqual(await page.$$eval('.drawing', (all) => all.filter((d) => d.scrollWidth > d.clientWidth + 1).map((d) => d.parentElement.dataset.chart)), []);
      // Drawn for this width, and not a wide drawing scaled down.
      assert.deepEqual(await page.$$eval('.drawing svg', (all) => all.filter((s) => s.width.baseVal.value > s.parentElement.clientWidth + 1).length), 0);
    }, { width: 390 });
  },

  async hostileNamesAreShownAndDoNothing() {
    const hostile = '</script><img src=x onerror="alert(1)"><b>\'"&amp; datum.x __proto__';
    const rename = (value, from, to = hostile) => JSON.parse(JSON.stringify(value), (_, v) => (v === from ? to : v));
    await open(reportWith('hostile', (data) => {
      Object.assign(data, rename(rename(rename(rename(data, 'fp32'), 'gaussian'), 'walking'), 'conv1'));
      data.study = hostile;
      data.config_toml = hostile;
      data.verdict = [hostile];
      Object.assign(data, rename(rename(data, 'ptq_int8', '__proto__'), 'bias', 'constructor'));
    }), async (page, data) => {
      assert.equal(await page.textContent('h1'), hostile);
      const names = (await variantRows(page)).map((row) => row[0]);
      assert.deepEqual(names.map((name) => name.replace('\u2060', '')), data.variants.map((v) => v.name));
      assert.equal(await page.locator('img').count(), 0);
      assert.equal(await countIn(page, 'cost', '.mark-symbol.role-mark path'), data.variants.length);
      assert.equal(await countIn(page, 'severity', '.mark-line.role-mark path'), data.variants.length * 5);
      await page.hover('[data-chart=faults] .mark-text.role-mark text');
      await page.waitForSelector('#vg-tooltip-element.visible');
      assert.ok((await page.textContent('#vg-tooltip-element')).includes(hostile));
    });
  },

  async aPageBuiltWithoutTheChartLibraryHasItsTablesAndSaysWhatIsMissing() {
    const page = html.replace('<script type="module">', '<script>delete globalThis.vegaEmbed;</script>$&');
    await open(reportWith('chartless', () => {}, page), async (page, data) => {
      await page.waitForFunction(() => [...document.querySelectorAll('.drawing')].every((d) => d.textContent.includes('EDGEPROOF_VEGA')));
      assert.ok(await page.locator('.drawing').count() > 0);
      assert.equal(await page.getByRole('button', { name: /as (SVG|PNG)/ }).count(), 0);
      assert.ok(await page.getByRole('button', { name: /as CSV/ }).count() > 0);
      assert.equal((await variantRows(page)).length, data.variants.length);
    }, { hasCharts: false });
  },

  async aLatencyOfABusyMachineIsMarkedAndExplained() {
    await open(reportWith('busy', (data) => { data.variants[1].latency_disturbed = true; }), async (page, data) => {
      const text = await page.innerText('#summary');
      assert.match(text, /\? timed while the machine was busy/);
      assert.equal((text.match(/\d\?/g) ?? []).length, 1);
      assert.equal(data.variants.filter((v) => v.latency_disturbed).length, 1);
    });
    await open(reportWith('idle', () => {}), async (page) => assert.doesNotMatch(await page.innerText('#summary'), /busy/));
  },

  async aStudyWithAlmostNothingStillHasAPage() {
    await open(reportWith('bare', (data) => {
      for (const list of ['verdict', 'faults', 'results', 'fault_summaries', 'diagnoses', 'comparisons', 'agreements', 'target_costs', 'trainings', 'trials', 'seeds', 'machine']) data[list] = [];
      data.variants = [{ ...data.variants[0], latency_us: null, latency_us_p99: null, macs: -1, worst_fault_accuracy: [null, null, null], robust_accuracy_at: [] }];
    }), async (page) => {
      assert.equal(await page.locator('figure').count(), 0);
      assert.doesNotMatch(await page.innerText('#summary'), /MACs|Latency, |Worst fault/);
    });
    await open(reportWith('empty', (data) => {
      for (const [name, value] of Object.entries(data)) if (Array.isArray(value)) data[name] = [];
    }), async (page) => assert.equal(await page.locator('figure').count(), 0));
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log(`ok    ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
}
await browser.close();
rmSync(folder, { recursive: true });
process.exit(failed === 0 ? 0 : 1);
