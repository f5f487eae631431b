"""Names: random ones for runs that were given none, and those of others as they are shown."""

from __future__ import annotations

import random
import re

ADJECTIVES = """
able agile airy alert amber ample apt arctic autumn azure balmy blithe bold brave breezy bright brisk bronze bubbly
calm candid canny caring cheery chestnut civil classic clear clever cobalt comely cool copper coral cordial cosmic
cosy crisp crystal curious dainty dapper daring dear deft devoted dewy eager early earnest elated elegant emerald epic
even exact fabled fair faithful famous fancy fearless festive fine fleet fluent fond frank free fresh friendly frosty
gallant genial gentle gifted glad gleaming golden graceful grand grateful happy hardy hazel hearty helpful hopeful
humble ideal indigo ivory jaunty jolly jovial joyful keen kind leafy learned lilac limber lively loyal lucid lucky
lunar lush magenta maple mellow merry mighty mild mindful minty misty modest mossy neat nifty nimble noble northern
olive open orange patient peaceful pearly plucky polished polite prime proud prudent quaint quick quiet radiant rapid
ready regal robust rosy ruby rustic sage scarlet serene shining silent silver sincere skilful snowy snug solar solid
sparkling spry stately steady sterling sunny supple swift tactful tender thankful tidy tranquil trusty upbeat valiant
velvet verdant vivid warm watchful willing winsome wise witty zesty
""".split()  # noqa: SIM905  # a list would take a line for each word

NOUNS = """
acorn albatross alder alpaca anchor apricot arbor aspen aster avocet badger bamboo banyan basil bay beacon beaver
beech birch bison bittern bluebell bobcat bonsai breeze brook bunting buttercup cactus canary canyon caribou cedar
cheetah cherry chipmunk cicada citrus clover comet condor copse cormorant cove crane cricket crocus curlew cypress
dahlia daisy delta dolphin dove dragonfly dune eagle egret elk elm ember falcon fern ferret finch firefly fjord
flamingo forest fox gannet gazelle gecko geyser ginkgo glacier glade goldfinch grouse grove gull harbor hare harrier
hawk hazelnut heather hedgehog heron hickory hill horizon hornbill hyacinth ibex ibis iguana iris island jackdaw
jaguar jasmine juniper kestrel kingfisher kite koala lagoon lantern larch lark laurel lavender lemur leopard lichen
lily linden linnet llama lotus lupin lynx macaw magnolia magpie mallard manatee mango marigold marlin marmot marten
martin meadow meerkat mesa mimosa mint moose moss mulberry narwhal nebula newt nightingale nutmeg oak oasis ocelot
orchard orchid oriole osprey otter owl palm panda panther papaya parrot peach pebble pelican penguin peony petrel
pheasant pika pine plover poplar poppy porcupine prairie primrose puffin quail quince quokka raven reef reindeer ridge
river robin rosemary rowan saffron salmon sandpiper sequoia shore sparrow spruce squirrel starling stork summit
sunflower swallow swan tamarin tapir teal tern thicket thistle thrush thyme toucan trout tulip tundra turtle valley
violet vole wallaby walnut walrus warbler waterfall whale willow wombat woodpecker wren yew zebra
""".split()  # noqa: SIM905  # a list would take a line for each word


def random_name() -> str:
    """Return an adjective and a noun in lower-case ASCII letters, joined by a dash."""
    return f"{random.choice(ADJECTIVES)}-{random.choice(NOUNS)}"  # noqa: S311  # a name, not a secret


CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def one_line(name: str) -> str:
    """Return a name that somebody else gave so that it makes no lines of its own, and commands no terminal."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), name)


def plain_lines(text: str) -> str:
    """Return a text that somebody else gave so that it commands no terminal; its lines stay."""
    return "\n".join(map(one_line, text.split("\n")))
