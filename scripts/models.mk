# make models: everything that the package ships and that is made of Anny, or trained on renders of it, from nothing.
#
# What is made lies in $(BUILD)/data, which all steps find before what is shipped ($SEMANTIFY_DATA), so that the package
# stays whole until `make ship-models` puts the new files into it at once. A step that was ended goes on when `make models`
# is started again: renders after their last whole shard, trainings after their last whole epoch.
# One subject alone: make models SUBJECTS=body (face, animal). How long each step took is kept in $(STATE)/times.tsv, and
# the tables of figures that the models' scripts print in $(TABLES); make figures (scripts/figures.mk) writes the pages.

BUILD ?= out/models
SUBJECTS ?= body face animal
STAGE := $(BUILD)/data
SHAPES := $(BUILD)/shapes
RENDERS := $(BUILD)/renders
STATE := $(BUILD)/state
TABLES := $(BUILD)/tables
BODIES := neutral male female
FACES := shape expression

# how many, of what; a trial run of the whole way sets them low
CLIP_EPOCHS_body ?= 16
CLIP_EPOCHS_face ?= 20
CLIP_EPOCHS_animal ?= 12
ENCODER_EPOCHS_body ?= 12
ENCODER_EPOCHS_face ?= 40
ENCODER_EPOCHS_animal ?= 16
MAPPER_SAMPLES_body ?= 2500
MAPPER_SAMPLES_face ?= 1800
MAPPER_SAMPLES_animal ?= 1500
WILD_body ?= 1200
WILD_face ?= 3000
WILD_animal ?= 600
SPREAD_SUBJECTS ?= 120

WORDS_anny-body-neutral := tall fat muscular feminine "broad shoulders" "long legs" "big hips" old
WORDS_anny-body-male := tall fat muscular "broad shoulders" "long legs" "big hips" old
WORDS_anny-body-female := tall fat muscular "broad shoulders" "long legs" curvy old
WORDS_anny-face-expression := smiling "open mouth" angry sad sleepy
OPTIONS_anny-body-neutral := --low 0.7 --high 99.3
OPTIONS_anny-body-male := --ends fat=14:98 muscular=2:99.3
OPTIONS_anny-face-expression := --cycle 8 --rest 0.02
WORDS_anny-face-shape := fat "long neck" "big forehead" "nose sticking-out" "ears sticking-out" "small chin"
WORDS_quadruped := horse cow hippo dog cat lion donkey

MODELS_body := $(BODIES:%=anny-body-%)
MODELS_face := $(FACES:%=anny-face-%)
MODELS_animal := quadruped
CLIP_body := small
CLIP_face := small-face
CLIP_animal := small-animal

HERE = SEMANTIFY_DATA="$(abspath $(STAGE))" sh scripts/timed.sh $(STATE)/times.tsv $(@F)
PYTHON_HERE = $(HERE) $(BIN)/python
SEMANTIFY_HERE = $(HERE) $(BIN)/semantify
# half of an encoder's time, on processors that multiply such numbers
BFLOAT16 := $(if $(shell grep -s -m 1 -o amx_bf16 /proc/cpuinfo),--bfloat16)
QUICK := --size 128 --engine-samples 4

.PHONY: models ship-models
.SECONDARY:

models: $(foreach subject,$(SUBJECTS),$(MODELS_$(subject):%=$(STATE)/%.spread))
	$(BIN)/python scripts/figures/times.py $(STATE)/times.tsv
	@echo "models: all made, in $(STAGE); make ship-models puts them into the package"

$(VENV)/anny: $(VENV)/ready
	PYTHON="$(PYTHON)" sh scripts/setup/setup.sh $(VENV) -e ".[build,train,test]" "bpy==$(BPY)"
	touch $@

# ---- the models: shapes first, then what goes with them and leaves the shapes alone

$(STATE)/anny-body.shapes: | $(VENV)/anny
	@mkdir -p $(STAGE)/models $(STATE) $(TABLES)
	$(PYTHON_HERE) scripts/anny/build_models.py --out $(STAGE)/models --variants $(BODIES) --table $(TABLES)/anny_models.md
	touch $@

$(STATE)/body.models: $(STATE)/anny-body.shapes
	$(PYTHON_HERE) scripts/anny/rig.py $(STAGE)/models/anny-body-*.model.npz
	$(PYTHON_HERE) scripts/anny/dress.py $(STAGE)/models/anny-body-*.model.npz --table $(TABLES)/anny_parts.md
	$(PYTHON_HERE) scripts/anny/more_rigs.py --out $(STAGE)/rigs $(STAGE)/models/anny-body-*.model.npz
	$(PYTHON_HERE) scripts/anny/body_points.py $(STAGE)/models/anny-body-*.model.npz
	$(PYTHON_HERE) scripts/anny/paint.py $(STAGE)/models/anny-body-*.model.npz
	touch $@

$(STATE)/anny-face.shapes: | $(VENV)/anny
	@mkdir -p $(STAGE)/models $(BUILD)/face $(STATE) $(TABLES)
	$(PYTHON_HERE) scripts/anny/build_faces.py --out $(STAGE)/models --wide $(BUILD)/face --table $(TABLES)/anny_faces.md
	touch $@

$(STATE)/face.models: $(STATE)/anny-face.shapes
	$(PYTHON_HERE) scripts/faces/make.py $(FACES:%=$(STAGE)/models/anny-face-%.model.npz)
	touch $@

$(STATE)/animal.models: | $(VENV)/ready
	@mkdir -p $(STAGE)/models $(STATE) $(TABLES)
	$(PYTHON_HERE) scripts/quadruped/build.py --out $(STAGE)/models --table $(TABLES)/quadruped.md
	touch $@

# ---- the small CLIPs

$(STATE)/%.pictures: $(STATE)/%.models
	@mkdir -p $(BUILD)/$*
	$(PYTHON_HERE) scripts/small_clip/data.py $* $(BUILD)/$*
	touch $@

$(STATE)/%.clip: $(STATE)/%.pictures
	$(PYTHON_HERE) scripts/small_clip/train.py $* $(BUILD)/$* --epochs $(CLIP_EPOCHS_$*) --state $(STATE)/$*.clip.pt \
		--out $(STAGE)/clip/$(CLIP_$*)
	touch $@

# ---- the mappers: the whole line, as a user runs it

define mapper
$(STATE)/$(1).mapper: $(STATE)/$(2).clip
	@mkdir -p $(STAGE)/mappers
	$$(SEMANTIFY_HERE) run --model $(1) --samples $$(MAPPER_SAMPLES_$(2)) $$(QUICK) --out $(BUILD)/runs/$(1) \
		$$(OPTIONS_$(1)) --descriptors $$(WORDS_$(1))
	cp $(BUILD)/runs/$(1)/$(1).mapper.npz $(STAGE)/mappers/
	touch $$@
endef
$(foreach subject,body face animal,$(foreach model,$(MODELS_$(subject)),$(eval $(call mapper,$(model),$(subject)))))

# ---- what looks at pictures: shapes drawn from the source itself, in look "wild"

SEED_body := 41
SEED_face := 51
# one part in three is seen from behind, too
VIEWS_body = front side$(if $(filter 2 5 8 11,$(1)), back)
PARTS_body ?= 0 1 2 3 4 5 6 7 8 9 10 11 12
PARTS_face := 0 1
PARTS_animal := 0 1 2 3 4 5 6 7 8 9
VIEWS_face := front az:45
VIEWS_animal := az:35 side

$(SHAPES)/body-%.shapes.npy: $(STATE)/body.models
	@mkdir -p $(SHAPES)
	$(PYTHON_HERE) scripts/anny/sample_figures.py body $(SHAPES)/body-$* --count $(WILD_body) --seed $$((41 + $*))

$(SHAPES)/face-%.shapes.npy: $(STATE)/face.models
	@mkdir -p $(SHAPES)
	$(PYTHON_HERE) scripts/anny/sample_figures.py face $(SHAPES)/face-$* --count $(WILD_face) --seed $$((51 + $*))

$(STATE)/body-%.wild: $(SHAPES)/body-%.shapes.npy
	$(SEMANTIFY_HERE) render --model anny-body-neutral --shapes $< --look wild --seed 50$* --views $(call VIEWS_body,$*) \
		--size 192 --engine-samples 4 --out $(RENDERS)/body-$*
	cp $(SHAPES)/body-$*.targets.npz $(RENDERS)/body-$*/targets.npz
	touch $@

$(STATE)/face-%.wild: $(SHAPES)/face-%.shapes.npy
	$(SEMANTIFY_HERE) render --model anny-face-shape --shapes $< --look wild --seed 60$* --views $(VIEWS_face) \
		--size 192 --engine-samples 4 --out $(RENDERS)/face-$*
	cp $(SHAPES)/face-$*.targets.npz $(RENDERS)/face-$*/targets.npz
	touch $@

$(STATE)/animal-%.wild: $(STATE)/animal.models
	$(SEMANTIFY_HERE) render --model quadruped --samples $(WILD_animal) --look wild --seed 70$* --views $(VIEWS_animal) \
		--size 192 --engine-samples 4 --out $(RENDERS)/animal-$*
	touch $@

define encoder
$(STATE)/$(1).encoder: $(PARTS_$(1):%=$(STATE)/$(1)-%.wild) $(patsubst %,$(STATE)/%.mapper,$(2))
	@mkdir -p $(STAGE)/encoders
	$$(PYTHON_HERE) scripts/small_clip/train_image_encoder.py $(1) --wild $(PARTS_$(1):%=$(RENDERS)/$(1)-%) \
		--plain $(patsubst %,$(BUILD)/runs/%/dataset,$(2)) --epochs $$(ENCODER_EPOCHS_$(1)) $(BFLOAT16) \
		--state $(STATE)/$(1).encoder.pt --out $(STAGE)/encoders/$(1).encoder.npz
	touch $$@
endef
$(eval $(call encoder,body,anny-body-neutral))
$(eval $(call encoder,face,anny-face-shape anny-face-expression))
$(eval $(call encoder,animal,quadruped))

define fitters
$(STATE)/$(1).fitters: $(STATE)/$(1).encoder $(MODELS_$(1):%=$(STATE)/%.mapper)
	@mkdir -p $(STAGE)/fitters
	$$(SEMANTIFY_HERE) fitter --model $(MODELS_$(1)) --dataset $(PARTS_$(1):%=$(RENDERS)/$(1)-%) --passes 2 --epochs 30 \
		--out $(STAGE)/fitters
	touch $$@
endef
$(foreach subject,body face animal,$(eval $(call fitters,$(subject))))

# ---- how sure fits are, on shapes that nothing was trained on

$(STATE)/body.unseen: $(STATE)/body.models
	@mkdir -p $(SHAPES)
	$(PYTHON_HERE) scripts/anny/sample_figures.py body $(SHAPES)/unseen --count $(SPREAD_SUBJECTS) --seed 71 --truth
	$(SEMANTIFY_HERE) render --model anny-body-neutral --shapes $(SHAPES)/unseen.shapes.npy --look unseen --seed 90500 \
		--views front side --size 256 --engine-samples 4 --out $(RENDERS)/unseen
	touch $@

SPREAD = $(PYTHON_HERE) scripts/small_clip/measure_spread.py $* --shapes $(SHAPES)/unseen.shapes.npy \
	--rendered $(RENDERS)/unseen --processes 2 --out $(STAGE)/fitters

$(STATE)/anny-body-neutral.spread: $(STATE)/%.spread: $(STATE)/body.fitters $(STATE)/body.unseen
	$(SPREAD)
	touch $@

# half of the bodies are of either sex: too few for what refining is worth, which the neutral body tells
$(filter-out %neutral.spread,$(MODELS_body:%=$(STATE)/%.spread)): $(STATE)/%.spread: $(STATE)/anny-body-neutral.spread
	$(SPREAD) --outlined-as anny-body-neutral
	touch $@

$(MODELS_face:%=$(STATE)/%.spread): $(STATE)/face.fitters
	touch $@

$(MODELS_animal:%=$(STATE)/%.spread): $(STATE)/animal.fitters
	touch $@

# ---- into the package, all of a subject at once, and into the pages what the files themselves tell

ship-models:
	for subject in $(SUBJECTS); do test -f $(STATE)/$$subject.fitters || { echo "ship-models: make models SUBJECTS=$$subject first"; exit 1; }; done
	cp -r $(STAGE)/. semantify_blender/data/
	rm -rf $(SUBJECTS:%=$(MEASURED)/%) $(MEASURED)/others
	$(BIN)/python scripts/figures/write.py $(BUILD) --pages $(PAGES)
	@echo "ship-models: make figures measures them"
