"""The things the shipped model can draw: one emoji each, with the names people would use for it.

The first name is what the quality benchmark prompts with; all of them are used for training captions. Names follow the
Unicode character names, further names the kind of keywords the Unicode CLDR annotations list.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """One thing to draw: its character and its names, the usual one first."""

    character: str
    names: tuple[str, ...]


def _subjects(table: str) -> tuple[Subject, ...]:
    rows = (line.split(maxsplit=1) for line in table.strip().splitlines())
    return tuple(Subject(character, tuple(name.strip() for name in names.split(","))) for character, names in rows)


SUBJECTS: tuple[Subject, ...] = _subjects("""
🍎 red apple, apple
🍏 green apple
🍌 banana
🍊 tangerine, orange fruit, mandarin
🍋 lemon
🍉 watermelon, slice of watermelon
🍇 grapes, bunch of grapes
🍓 strawberry
🍒 cherries, cherry
🍑 peach
🍍 pineapple
🥝 kiwi fruit, kiwi
🍅 tomato
🍆 eggplant, aubergine
🥕 carrot
🌽 ear of corn, corn, maize
🍄 mushroom, toadstool
🍞 loaf of bread, bread
🧀 cheese wedge, cheese
🍔 hamburger, burger
🍕 slice of pizza, pizza
🍩 doughnut, donut
🍪 cookie, biscuit
🎂 birthday cake, cake
🍦 ice cream, soft ice cream
☕ cup of coffee, hot beverage, coffee
🍺 mug of beer, beer
🐶 dog face, dog, puppy
🐱 cat face, cat, kitten
🐭 mouse face, mouse
🐰 rabbit face, rabbit, bunny
🦊 fox face, fox
🐻 bear face, bear
🐼 panda face, panda
🐸 frog face, frog
🐵 monkey face, monkey
🐷 pig face, pig
🦁 lion face, lion
🐔 chicken, hen
🐧 penguin
🦉 owl
🐟 fish
🐙 octopus
🐢 turtle, tortoise
🦋 butterfly
🐝 honeybee, bee
🐞 lady beetle, ladybug, ladybird
🌵 cactus
🌲 evergreen tree, fir tree
🌴 palm tree
🌻 sunflower
🌹 rose
🌷 tulip
🍁 maple leaf
🌞 sun with face, sun
🌛 crescent moon with face, moon
⭐ star, yellow star
🌈 rainbow
⚡ lightning bolt, lightning
🔥 fire, flame
💧 droplet, drop of water
⛄ snowman
❤ red heart, heart
💎 gem stone, diamond
👑 crown
🎩 top hat, hat
👟 running shoe, shoe
🎈 balloon, red balloon
🎁 wrapped gift, present, gift
⚽ soccer ball, football
🏀 basketball
🎸 guitar
🚗 red car, car, automobile
🚌 bus
🚀 rocket, spaceship
⛵ sailboat, boat
✈ airplane, aeroplane, plane
🏠 house, home
⏰ alarm clock, clock
💡 light bulb, bulb
🔑 key
🔔 bell
☂ umbrella
👻 ghost
🤖 robot, robot face
💀 skull
😀 grinning face, smiling face
""")
