# make figures: every figure of README and docs that depends on what is shipped, measured again, and written into the
# pages between their markers (scripts/figures/write.py). Nothing is typed by hand.
#
# Measured are the files in the package, so after make models comes make ship-models, then make figures. Figures lie in
# $(MEASURED); those of a subject are thrown away when one of its files is newer, else a run that was ended goes on.
# One subject: make figures SUBJECTS=body; one kind of figures: make figures FIGURES=sliders. A part that was not
# measured stays in the pages as it is, and so do photographs without PHOTOGRAPHS=FOLDER (with its labels.tsv) and the
# pictures of the panel without BLENDER.

FIGURES ?= sliders fits experiments pictures
PHOTOGRAPHS ?=
# where README.md and docs are that are written; a copy of them, to look first
PAGES ?= .
MEASURED := $(BUILD)/figures
SHIPPED := semantify_blender/data

# how many shapes are fitted and posed; a trial run sets them low
FITTED_body ?= 60
FITTED_face ?= 40
FITTED_animal ?= 40
POSED ?= 60
PAIRED ?= 40
STUDIED ?= 100
# of semantify table1, ablate and study
EXPERIMENT_SAMPLES_body ?= 2500
EXPERIMENT_SAMPLES_others ?= 1500
ABLATED ?=

# pixels of the slider sheets
WIDTH_anny-body-neutral := 1600

AS_SHIPPED = SEMANTIFY_DATA= sh scripts/timed.sh $(MEASURED)/times.tsv $(basename $(@:$(MEASURED)/%=%))
PYTHON_SHIPPED = $(AS_SHIPPED) $(BIN)/python
SEMANTIFY_SHIPPED = $(AS_SHIPPED) $(BIN)/semantify

.PHONY: figures

MEASURES_sliders = $(foreach subject,$(SUBJECTS),$(MODELS_$(subject):%=$(MEASURED)/$(subject)/%.sliders))
MEASURES_fits = $(SUBJECTS:%=$(MEASURED)/%/fits.done) \
	$(if $(filter body,$(SUBJECTS)),$(MEASURED)/body/pose.done $(MEASURED)/body/pairs.done) \
	$(if $(PHOTOGRAPHS),$(patsubst %,$(MEASURED)/%/photographs.done,$(filter body face,$(SUBJECTS))))
MEASURES_experiments = $(if $(filter body,$(SUBJECTS)),$(MEASURED)/body/experiments.done) \
	$(if $(filter face,$(SUBJECTS)),$(if $(filter animal,$(SUBJECTS)),$(MEASURED)/others/experiments.done))
MEASURES_pictures = $(MEASURED)/wild.done $(if $(filter body,$(SUBJECTS)),$(MEASURED)/body/examples.done $(MEASURED)/body/people.done) \
	$(if $(filter animal,$(SUBJECTS)),$(MEASURED)/animal/drawn.done) $(if $(BLENDER),$(MEASURED)/panel.done)

figures: $(foreach kind,$(FIGURES),$(MEASURES_$(kind)))
	$(BIN)/python scripts/figures/write.py $(BUILD) --pages $(PAGES)
	$(BIN)/python scripts/figures/times.py $(MEASURED)/times.tsv
	@test -n "$(PHOTOGRAPHS)" || echo "figures: photographs stay as they are; PHOTOGRAPHS names a folder of them"
	@test -n "$(BLENDER)" || echo "figures: pictures of the panel stay as they are; BLENDER names a Blender with a window"

# ---- all of a subject anew where a file of it is newer than its figures

define begun
$(MEASURED)/$(1)/begun: $(MODELS_$(1):%=$(SHIPPED)/models/%.model.npz) $(MODELS_$(1):%=$(SHIPPED)/mappers/%.mapper.npz) \
		$(MODELS_$(1):%=$(SHIPPED)/fitters/%.fitter.npz) $(SHIPPED)/encoders/$(1).encoder.npz \
		$(SHIPPED)/clip/$(CLIP_$(1))/open_clip_model.safetensors | $(VENV)/ready
	rm -rf $(MEASURED)/$(1)
	@mkdir -p $(MEASURED)/$(1)
	touch $$@
endef
$(foreach subject,body face animal,$(eval $(call begun,$(subject))))

$(MEASURED)/others/begun: $(MEASURED)/face/begun $(MEASURED)/animal/begun
	rm -rf $(MEASURED)/others
	@mkdir -p $(MEASURED)/others
	touch $@

# ---- sliders: the pictures that the mapper learned from (as make models left them, else rendered alike), then a sweep
# of each slider, and the sheet

define sliders
$(MEASURED)/$(2)/$(1).sliders: $(MEASURED)/$(2)/begun
	$$(SEMANTIFY_SHIPPED) render --model $(1) --samples $$(MAPPER_SAMPLES_$(2)) $$(QUICK) --out $(BUILD)/runs/$(1)/dataset
	$$(SEMANTIFY_SHIPPED) evaluate --mapper $(1) --dataset $(BUILD)/runs/$(1)/dataset --no-save \
		--picture-width $(or $(WIDTH_$(1)),1000) --picture-samples 32 --out $(MEASURED)/$(2)/$(1)
	touch $$@
endef
$(foreach subject,body face animal,$(foreach model,$(MODELS_$(subject)),$(eval $(call sliders,$(model),$(subject)))))

# ---- fits to pictures: of shapes drawn from the source itself, on pictures and in looks that training never had. The
# pictures that a regression learns from, to compare with, are those of make models, else rendered alike.

WILD = $(if $(wildcard $(STATE)/$(1)-0.wild),$(RENDERS)/$(1)-0,$(MEASURED)/$(1)/wild)
WILD_DONE = $(if $(wildcard $(STATE)/$(1)-0.wild),,$(MEASURED)/$(1)/wild.done)

define wild
$(MEASURED)/$(1)/wild.done: $(MEASURED)/$(1)/begun | $(VENV)/anny
	$$(PYTHON_SHIPPED) scripts/anny/sample_figures.py $(1) $(MEASURED)/$(1)/drawn --count $$(WILD_$(1)) --seed $$(SEED_$(1))
	$$(SEMANTIFY_SHIPPED) render --model $(2) --shapes $(MEASURED)/$(1)/drawn.shapes.npy --look wild --seed $(3) \
		--views $(4) --size 192 --engine-samples 4 --out $(MEASURED)/$(1)/wild
	cp $(MEASURED)/$(1)/drawn.targets.npz $(MEASURED)/$(1)/wild/targets.npz
	touch $$@
endef
$(eval $(call wild,body,anny-body-neutral,500,$(call VIEWS_body,0)))
$(eval $(call wild,face,anny-face-shape,600,$(VIEWS_face)))

$(MEASURED)/animal/wild.done: $(MEASURED)/animal/begun
	$(SEMANTIFY_SHIPPED) render --model quadruped --samples $(WILD_animal) --look wild --seed 700 --views $(VIEWS_animal) \
		--size 192 --engine-samples 4 --out $(MEASURED)/animal/wild
	touch $@

$(MEASURED)/body/unseen.done: $(MEASURED)/body/begun | $(VENV)/anny
	$(PYTHON_SHIPPED) scripts/anny/sample_figures.py body $(MEASURED)/body/unseen --count $(STUDIED) --seed 72 --truth
	touch $@

$(MEASURED)/face/unseen.done: $(MEASURED)/face/begun | $(VENV)/anny
	$(PYTHON_SHIPPED) scripts/anny/sample_figures.py face $(MEASURED)/face/unseen --count $(FITTED_face) --seed 73 --truth
	touch $@

$(MEASURED)/body/fits.done: $(MEASURED)/body/unseen.done $(call WILD_DONE,body)
	$(SEMANTIFY_SHIPPED) evaluate --image-to-shape --mapper anny-body-neutral --dataset $(call WILD,body) \
		--shapes $(MEASURED)/body/unseen.shapes.npy --subjects $(FITTED_body) --engines cycles \
		--out $(MEASURED)/body/fits
	touch $@

$(MEASURED)/face/fits.done: $(MEASURED)/face/unseen.done $(call WILD_DONE,face)
	$(SEMANTIFY_SHIPPED) evaluate --image-to-shape --mapper anny-face-shape --dataset $(call WILD,face) \
		--shapes $(MEASURED)/face/unseen.shapes.npy --subjects $(FITTED_face) --out $(MEASURED)/face/fits-shape
	$(SEMANTIFY_SHIPPED) evaluate --image-to-shape --mapper anny-face-expression --dataset $(call WILD,face) \
		--shapes $(MEASURED)/face/unseen.shapes.npy --subjects $(FITTED_face) --out $(MEASURED)/face/fits-expression
	touch $@

$(MEASURED)/animal/fits.done: $(MEASURED)/animal/begun $(call WILD_DONE,animal)
	$(SEMANTIFY_SHIPPED) evaluate --image-to-shape --mapper quadruped --dataset $(call WILD,animal) \
		--subjects $(FITTED_animal) --out $(MEASURED)/animal/fits
	touch $@

$(MEASURED)/body/pose.done: $(MEASURED)/body/begun | $(VENV)/anny
	$(PYTHON_SHIPPED) benchmarks/pose.py --count $(POSED) --sure --json > $(MEASURED)/body/pose.json
	touch $@

$(MEASURED)/body/photographs.done: $(MEASURED)/body/begun
	$(SEMANTIFY_SHIPPED) evaluate --photographs $(PHOTOGRAPHS) --labels $(PHOTOGRAPHS)/labels.tsv \
		--mapper anny-body-neutral --out $(MEASURED)/body/photographs
	touch $@

$(MEASURED)/face/photographs.done: $(MEASURED)/face/begun
	$(SEMANTIFY_SHIPPED) evaluate --photographs $(PHOTOGRAPHS) --labels $(PHOTOGRAPHS)/labels.tsv \
		--mapper anny-face-expression --out $(MEASURED)/face/photographs
	touch $@

# ---- the paper's experiments, on the pictures that the sliders were measured with

GIVEN = $(foreach subject,$(1),$(foreach model,$(MODELS_$(subject)),$(model)=$(BUILD)/runs/$(model)/dataset))

$(MEASURED)/body/experiments.done: $(MODELS_body:%=$(MEASURED)/body/%.sliders) $(MEASURED)/body/unseen.done
	$(SEMANTIFY_SHIPPED) table1 --only $(MODELS_body) --samples $(EXPERIMENT_SAMPLES_body) --data $(call GIVEN,body) \
		--out $(MEASURED)/body/experiments
	$(SEMANTIFY_SHIPPED) ablate $(ABLATED) --out $(MEASURED)/body/experiments
	$(SEMANTIFY_SHIPPED) study --mapper $(MODELS_body) --targets $(STUDIED) \
		--shapes anny-body-neutral=$(MEASURED)/body/unseen.shapes.npy --out $(MEASURED)/body/experiments
	touch $@

$(MEASURED)/others/experiments.done: $(MEASURED)/others/begun $(MODELS_face:%=$(MEASURED)/face/%.sliders) \
		$(MODELS_animal:%=$(MEASURED)/animal/%.sliders)
	$(SEMANTIFY_SHIPPED) table1 --only $(MODELS_face) $(MODELS_animal) --samples $(EXPERIMENT_SAMPLES_others) \
		--data $(call GIVEN,face animal) --out $(MEASURED)/others/experiments
	$(SEMANTIFY_SHIPPED) study --mapper $(MODELS_face) $(MODELS_animal) --targets $(STUDIED) \
		--out $(MEASURED)/others/experiments
	touch $@

# ---- pictures; the sheets come with the sliders, the charts with the experiments

$(MEASURED)/body/examples.done: $(MEASURED)/body/fits.done
	$(PYTHON_SHIPPED) scripts/figures/fit_examples.py $(MEASURED)/body/fits $(MEASURED)/body/fit_bodies.png
	touch $@

$(MEASURED)/body/people.done: $(MEASURED)/body/begun
	$(PYTHON_SHIPPED) scripts/figures/people.py $(MEASURED)/body/people.png
	touch $@

$(MEASURED)/wild.done: $(SUBJECTS:%=$(MEASURED)/%/begun)
	$(PYTHON_SHIPPED) scripts/figures/wild.py $(MEASURED)/wild.png
	touch $@

$(MEASURED)/body/pairs.done: $(MEASURED)/body/unseen.done
	$(PYTHON_SHIPPED) scripts/small_clip/clothes_pairs.py anny-body-neutral --shapes $(MEASURED)/body/unseen.shapes.npy \
		--count $(PAIRED) --out $(MEASURED)/body/pairs
	touch $@

$(MEASURED)/animal/drawn.done: $(MEASURED)/animal/begun
	$(PYTHON_SHIPPED) scripts/quadruped/draw.py $(MEASURED)/animal/quadruped.png
	touch $@

$(MEASURED)/panel.done: $(SUBJECTS:%=$(MEASURED)/%/begun)
	$(PYTHON_SHIPPED) -m pytest -q tests/gui
	rm -rf $(MEASURED)/panel
	cp -r out/gui $(MEASURED)/panel
	touch $@
